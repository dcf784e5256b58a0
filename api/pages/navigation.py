"""The menu: its pages in groups, and which of them an actor sees."""

from placement.access.permissions import WITHOUT_PASSKEY, Permission
from placement.core.context import Actor, Factor

Entry = tuple[str, str, Permission]
NAVIGATION: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        "Placing",
        (
            ("/", "Today", Permission.REGISTRATIONS_READ),
            ("/registrations", "Registrations", Permission.REGISTRATIONS_READ),
            ("/received", "Sent in", Permission.RECEIVED_READ),
            ("/sent", "Your registrations", Permission.SENT_READ),
            ("/places", "Places", Permission.COUNTRY_READ),
            ("/capacity", "My rooms", Permission.CAPACITY_REPORT),
            ("/holds", "Holds", Permission.HOLD_READ),
            ("/stays", "Stays", Permission.STAY_READ),
        ),
    ),
    (
        "Overview",
        (
            ("/country", "Country", Permission.COUNTRY_READ),
            ("/shelters", "Shelters", Permission.REGISTER_READ),
            ("/telephone", "By telephone", Permission.TELEPHONE_ANSWER),  # other readers come from a task, or a shelter
            ("/reports", "Report", Permission.REPORTS_READ),
            ("/on-call", "On call", Permission.ON_CALL_READ),
        ),
    ),
    (
        "Oversight",
        (
            ("/second-person", "For agreement", Permission.SECOND_PERSON_ANSWER),  # others: from their requests
            ("/log", "Log", Permission.AUDIT_READ),
            ("/review", "Review", Permission.REVIEW_READ),
            ("/retention", "Retention", Permission.RETENTION_READ),
        ),
    ),
    (
        "Running the service",
        (
            ("/accounts", "Accounts", Permission.ACCOUNT_READ),
            ("/set-up", "Set up", Permission.ACCOUNT_READ),  # the first page and the help lead others there
            ("/settings", "Settings", Permission.POLICY_READ),
            ("/encryption-keys", "Keys", Permission.ENCRYPTION_KEYS_READ),
            ("/messages", "Messages", Permission.MESSAGES_READ),
            ("/webhooks", "Webhooks", Permission.WEBHOOKS_READ),
        ),
    ),
)
ABOUT_ME: tuple[Entry, ...] = (
    ("/help", "Help", Permission.SESSION_READ),
    ("/account", "Account", Permission.SESSION_READ),
)
"""Address, text and required permission of each entry, grouped as on a phone; and the entries shown apart."""


def seen_by(actor: Actor | None, entries: tuple[Entry, ...]) -> list[tuple[str, str]]:
    return [(to, words) for to, words, permission in entries if actor and may_go(actor, permission)]


def may_go(actor: Actor, permission: Permission) -> bool:
    return actor.role in permission.reach and (actor.factor is not Factor.MISSING or permission in WITHOUT_PASSKEY)
