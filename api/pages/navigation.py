"""The menu. It has the daily pages of a role, and other pages in groups. A user sees only permitted pages."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from placement.access.permissions import WITHOUT_PASSKEY, Permission
from placement.core.codes import Role
from placement.core.context import Actor, Factor

Entry = tuple[str, str, Permission]
NAVIGATION: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "Placing",
        (
            ("/", "Today", Permission.REGISTRATIONS_READ),
            ("/registrations", "Registrations", Permission.REGISTRATIONS_READ),
            ("/received", "Sent in", Permission.RECEIVED_READ),
            ("/events", "Events", Permission.EVENT_READ),
            ("/sent", "Your registrations", Permission.SENT_READ),
            ("/counts/new", "Count", Permission.COUNT_SEND),
            ("/places", "Places", Permission.COUNTRY_READ),
            ("/capacity", "My rooms", Permission.CAPACITY_REPORT),
            ("/holds", "Holds", Permission.HOLD_READ),
            ("/stays", "Stays", Permission.STAY_READ),
            ("/beds", "Beds", Permission.CAPACITY_READ),
        ),
    ),
    (
        "Help desk",
        (
            ("/enquiries", "Calls", Permission.ENQUIRY_READ),
            ("/entries", "Answers at hand", Permission.ENTRY_READ),
        ),
    ),
    (
        "Overview",
        (
            ("/country", "Country", Permission.COUNTRY_READ),
            ("/shelters", "Shelters", Permission.REGISTER_READ),
            # others open it from a task, or from a shelter's page
            ("/telephone", "By telephone", Permission.TELEPHONE_ANSWER),
            ("/reports", "Report", Permission.REPORTS_READ),
            ("/counts", "Counts", Permission.COUNTS_READ),
            ("/counts/releases", "Releases", Permission.COUNT_RELEASES_READ),
            ("/needs", "What stood in the way", Permission.NEEDS_READ),
            ("/on-call", "On call", Permission.ON_CALL_READ),
        ),
    ),
    (
        "Oversight",
        (
            # others open it from their requests
            ("/second-person", "For agreement", Permission.SECOND_PERSON_ANSWER),
            ("/log", "Log", Permission.AUDIT_READ),
            ("/review", "Review", Permission.REVIEW_READ),
            ("/retention", "Retention", Permission.RETENTION_READ),
        ),
    ),
    (
        "Running the service",
        (
            ("/accounts", "Accounts", Permission.ACCOUNT_READ),
            ("/set-up", "Set up", Permission.ACCOUNT_READ),  # others open it from the first page or the help
            ("/settings", "Settings", Permission.POLICY_READ),
            ("/encryption-keys", "Keys", Permission.ENCRYPTION_KEYS_READ),
            ("/messages", "Messages", Permission.MESSAGES_READ),
            ("/webhooks", "Webhooks", Permission.WEBHOOKS_READ),
        ),
    ),
)
DAILY: Mapping[Role, tuple[str, ...]] = MappingProxyType(
    {
        Role.DESK: ("/", "/registrations", "/received", "/holds", "/stays", "/shelters"),
        Role.COORDINATOR: ("/", "/registrations", "/places", "/holds", "/stays"),
        Role.SHELTER_STAFF: ("/capacity", "/holds", "/stays", "/beds"),
        Role.ADMIN: ("/accounts", "/second-person", "/set-up", "/settings"),
    }
)
"""The pages that a role opens every day, in order. They come first in the menu; all other pages are folded. A role that
is not listed here has so few pages that nothing is folded.
"""
ABOUT_ME: tuple[Entry, ...] = (
    ("/help", "Help", Permission.SESSION_READ),
    ("/account", "Account", Permission.SESSION_READ),
)
"""The entries about the user: address, text and permission. The menu shows them apart from its groups."""
BESIDE_MENU: tuple[Entry, ...] = (
    ("/registrations/new", "New registration", Permission.REGISTRATION_CHANGE),
    ("/takeovers/new", "Take over a client", Permission.TAKE_OVER),
    ("/enquiries/new", "New call", Permission.ENQUIRY_WRITE),
    ("/rules", "Rules", Permission.RULES_READ),
    ("/areas", "Regions", Permission.AREAS_READ),
    ("/help/rules", "The rules", Permission.SESSION_READ),
    ("/help/glossary", "Glossary", Permission.SESSION_READ),
)
"""Pages that are not in the menu, but that the search finds."""


class Menu(NamedTuple):
    """The menu of a user. `rest`: folded groups with their names."""

    daily: list[tuple[str, str]]
    rest: list[tuple[str, list[tuple[str, str]]]]


def menu_of(actor: Actor | None) -> Menu:
    groups = [(name, seen_by(actor, entries)) for name, entries in NAVIGATION]
    every = dict(entry for _, found in groups for entry in found)
    daily = DAILY.get(actor.role, tuple(every)) if actor else ()
    rest = [(name, [entry for entry in found if entry[0] not in daily]) for name, found in groups]
    return Menu([(to, every[to]) for to in daily if to in every], [(name, found) for name, found in rest if found])


def seen_by(actor: Actor | None, entries: tuple[Entry, ...]) -> list[tuple[str, str]]:
    return [(to, words) for to, words, permission in entries if actor and may_go(actor, permission)]


def entry_of(path: str) -> str:
    """Returns the menu entry of a page: the longest address with which the page's path begins."""
    addresses = (to for entries in (*(group for _, group in NAVIGATION), ABOUT_ME) for to, *_ in entries)
    return max((to for to in addresses if path == to or (to != "/" and path.startswith(f"{to}/"))), key=len, default="")


def may_go(actor: Actor, permission: Permission) -> bool:
    return actor.role in permission.reach and (actor.factor is not Factor.MISSING or permission in WITHOUT_PASSKEY)
