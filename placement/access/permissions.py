"""Access control: which role may do what, and with which objects. If a permission does not list a role, the role does
not have the permission. `scoped_queries.py` determines which objects an actor may see. Other objects are answered as
not found. The rights in the API's description and in `docs/guide/access.md` are generated from this file.
"""

from collections.abc import Callable, Mapping
from enum import Enum, StrEnum
from functools import wraps
from typing import TypeVar, cast

from placement.access import doubt_stop
from placement.core.codes import CodeWithFacts, Role
from placement.core.context import Act, Actor, Factor
from placement.core.errors import NotAllowed

Verb = TypeVar("Verb", bound=Callable[..., object])


class Reach(StrEnum):
    """The objects to which a permission applies for a role. A request for any other object raises `NotFound`."""

    OWN = "own"
    OPENED = "opened"  # the actor's own cases, and cases with an access grant (`registrations/break_glass.py`)
    NIGHT = "night"  # cases of others, by break-glass access at night
    ALL = "all"


class Mark(Enum):
    """Further properties of a permission."""

    PERSON_ONLY = "person_only"
    OF_REGISTER = "of_register"
    OF_SENDER = "of_sender"
    OF_COUNTS = "of_counts"
    SILENT = "silent"
    STOPS = "stops"
    PLACES = "places"


REGISTER = "register"
"""The scope of a key that reads the register of shelters. The key can also request changes, which a person of the desk
approves.
"""
SEND = "registration:send"
"""The scope of a registrant's key. The key sends registrations in, and can do nothing else."""
COUNTS_SEND = "counts:send"
"""The scope of a key that sends count records in. The key also reads the lists of codes that count records use."""
_PLACERS = frozenset({Role.DESK, Role.COORDINATOR})
_SHELTERS = frozenset({Role.SHELTER, Role.SHELTER_STAFF})
_REVIEWERS = frozenset({Role.AUDITOR, Role.DESK})
_PEOPLE = frozenset({Role.DESK, Role.COORDINATOR, Role.SHELTER_STAFF, Role.READER, Role.AUDITOR, Role.ADMIN})
_EVERYONE = _PEOPLE | {Role.SHELTER}
"""The roles of people and of software. The sets below name each role, so that a new role has no permissions until
somebody adds it.
"""
_REGISTRANTS = frozenset({Role.REGISTRANT})
_ANALYSTS = frozenset({Role.ANALYST})
_REGISTRARS = frozenset({Role.REGISTRAR})
_ADVISERS = frozenset({Role.ADVISER})
_COUNTERS = _PLACERS | _REGISTRANTS | _REGISTRARS
"""The roles of people who send records to the count register."""
_OUTSIDE_CASES = _REGISTRANTS | _ANALYSTS | _REGISTRARS | _ADVISERS
_ADMINS = frozenset({Role.ADMIN})
_OWN_TASKS = _ADMINS | _ANALYSTS | _ADVISERS | _REGISTRARS | {Role.AUDITOR}
_SENDERS = frozenset({Role.ADMIN, Role.DESK})
_READERS = _PLACERS | _SHELTERS | {Role.READER}
_SUBSCRIBERS = _READERS - {Role.SHELTER}


def _each(reach: Reach, roles: frozenset[Role]) -> dict[Role, Reach]:
    return dict.fromkeys(roles, reach)


_OF_THE_SHELTER = _each(Reach.OWN, _SHELTERS)
_OF_THE_CASE = {Role.DESK: Reach.OPENED, Role.COORDINATOR: Reach.OWN}
_LISTED = {Role.DESK: Reach.ALL, Role.COORDINATOR: Reach.OWN}
_CARED_FOR = {**_LISTED, **_OF_THE_SHELTER}
_READ_OF_A_SHELTER = {**_OF_THE_SHELTER, Role.DESK: Reach.ALL}
_ONES_OWN = _each(Reach.OWN, _PEOPLE)
_OF_EVERY_PERSON = _each(Reach.OWN, _PEOPLE | _OUTSIDE_CASES)
_OF_REGISTRANTS = _each(Reach.OWN, _REGISTRANTS)
_FOR_THE_DESK = {Role.DESK: Reach.ALL}
_FOR_THE_HELP_DESK = _each(Reach.ALL, _ADVISERS | {Role.DESK})
_OF_SOFTWARE = {Role.SHELTER_STAFF: Reach.OWN, Role.ADMIN: Reach.ALL}
_SENT = {Role.DESK: Reach.ALL, Role.ADMIN: Reach.OWN}  # an admin sees only messages about no client
_FOR_ADMINS = _each(Reach.ALL, _ADMINS)
_FOR_REGISTRARS = _each(Reach.ALL, _REGISTRARS)


class Permission(CodeWithFacts):
    """A permission: its code `subject:act`, the roles that have the permission with their reach, and its marks.

    An API key needs the scope `read` for a permission with the suffix `:read`, and `write` for all others. The marks
    are:

    - `PERSON_ONLY`: API keys never have the permission. Only a person decides on placements, approves as second person,
      opens cases and discloses addresses. A stolen key must not make a key that outlives it, invite or disable an
      account, or approve requests.
    - `OF_REGISTER`: keys with the scope `register` have the permission too.
    - `OF_SENDER`: among keys, only those with the scope `registration:send` have the permission.
    - `OF_COUNTS`: keys with the scope `counts:send` have the permission too. To write, a key needs this scope.
    - `SILENT`: the answer discloses no other person and no bed, and writes no audit event. Every other answer writes an
      audit event in its transaction.
    - `STOPS`: nobody has the permission during a stop (`doubt_stop.py`).
    - `PLACES`: as `STOPS`, but one person on call can allow the act for clients who need a place tonight.
    """

    def __init__(self, _: str, reach: Mapping[Role, Reach], *marks: Mark) -> None:
        self.reach = reach
        self.person_only, self.silent = Mark.PERSON_ONLY in marks, Mark.SILENT in marks
        self.of_register, self.of_sender = Mark.OF_REGISTER in marks, Mark.OF_SENDER in marks
        self.of_counts = Mark.OF_COUNTS in marks
        self.places = Mark.PLACES in marks
        self.stops = self.places or Mark.STOPS in marks

    CAPACITY_READ = "capacity:read", _READ_OF_A_SHELTER
    CAPACITY_REPORT = "capacity:report", _OF_THE_SHELTER
    PROVIDER_READ = "provider:read", _FOR_THE_DESK, Mark.OF_REGISTER
    REGISTER_READ = "register:read", _READ_OF_A_SHELTER, Mark.OF_REGISTER
    REGISTER_CHANGE = "register:change", _FOR_THE_DESK, Mark.PERSON_ONLY
    REGISTER_IMPORT = "register:import", _each(Reach.OWN, _SENDERS), Mark.PERSON_ONLY
    IMPORT_READ = "import:read", _each(Reach.OWN, _SENDERS), Mark.PERSON_ONLY
    REGISTER_EXPORT = "register_file:read", _FOR_THE_DESK, Mark.STOPS
    UNIT_CHANGE = "unit:change", _READ_OF_A_SHELTER, Mark.PERSON_ONLY
    SHELTER_TELEPHONE_READ = (
        "shelter_telephone:read",
        {Role.SHELTER_STAFF: Reach.OWN, Role.DESK: Reach.ALL},
        Mark.OF_REGISTER,
    )
    SHELTER_TELEPHONE_CHANGE = "shelter_telephone:change", _READ_OF_A_SHELTER, Mark.PERSON_ONLY
    TELEPHONE_ENTER = "telephone:enter", _FOR_THE_DESK, Mark.PERSON_ONLY
    TELEPHONE_READ = "telephone:read", {Role.SHELTER_STAFF: Reach.OWN, Role.DESK: Reach.ALL}
    TELEPHONE_ANSWER = "telephone:answer", {Role.SHELTER_STAFF: Reach.OWN}, Mark.PERSON_ONLY
    ROOM_CHANGE = "room:change", _READ_OF_A_SHELTER, Mark.OF_REGISTER
    PROFILE_READ = "profile:read", _READ_OF_A_SHELTER, Mark.OF_REGISTER
    PROFILE_TRY = "profile:try", _READ_OF_A_SHELTER
    PROFILE_CHANGE = "profile:change", _OF_THE_SHELTER
    COUNTRY_READ = "country:read", _LISTED
    REGISTRATIONS_READ = "registrations:read", _LISTED
    REGISTRATION_READ = "registration:read", _each(Reach.OPENED, _PLACERS)
    TIMELINE_READ = "timeline:read", {**_OF_THE_CASE, Role.AUDITOR: Reach.ALL}
    REGISTRATION_CHANGE = "registration:change", _OF_THE_CASE
    REGISTRATION_CLOSE = "registration:close", _OF_THE_CASE, Mark.PERSON_ONLY
    REGISTRATION_LINK = "registration:link", _OF_THE_CASE, Mark.PERSON_ONLY
    REQUEST_WITHDRAW = "request:withdraw", _OF_THE_CASE, Mark.PERSON_ONLY
    REGISTRATION_SEARCH = "registration:search", _LISTED
    WHEREABOUTS_READ = "whereabouts:read", _OF_THE_CASE
    WHEREABOUTS_RECORD = "whereabouts:record", _OF_THE_CASE, Mark.PERSON_ONLY
    WHEREABOUTS_CLOSE = "whereabouts:close", _OF_THE_CASE, Mark.PERSON_ONLY
    WHEREABOUTS_ANSWER = "whereabouts:answer", {Role.DESK: Reach.OPENED}, Mark.PERSON_ONLY
    SENT_SEND = "sent:send", _OF_REGISTRANTS, Mark.OF_SENDER
    SENT_READ = "sent:read", _OF_REGISTRANTS, Mark.OF_SENDER
    SENT_WRITE = "sent:write", _OF_REGISTRANTS, Mark.OF_SENDER
    EVENT_READ = "event:read", _LISTED
    EVENT_CHANGE = "event:change", _FOR_THE_DESK, Mark.PERSON_ONLY
    EVENT_PLAN_READ = "event_plan:read", _FOR_THE_DESK
    EVENT_PLAN_MAKE = "event_plan:make", _FOR_THE_DESK, Mark.PERSON_ONLY, Mark.PLACES
    RECEIVED_READ = "received:read", _FOR_THE_DESK
    RECEIVED_SETTLE = "received:settle", _FOR_THE_DESK, Mark.PERSON_ONLY
    FORM_LINK_MAKE = "form_link:make", _FOR_THE_DESK, Mark.PERSON_ONLY, Mark.STOPS
    ENQUIRY_READ = "enquiry:read", _FOR_THE_HELP_DESK
    ENQUIRY_WRITE = "enquiry:write", _FOR_THE_HELP_DESK, Mark.PERSON_ONLY
    ENQUIRY_FIGURES = "enquiry_figures:read", _each(Reach.ALL, _ADVISERS | _ANALYSTS | {Role.DESK})
    ENTRY_READ = "entry:read", _FOR_THE_HELP_DESK, Mark.SILENT
    ENTRY_SEARCH = "entry:search", _FOR_THE_HELP_DESK, Mark.SILENT
    ENTRY_WRITE = "entry:write", _FOR_THE_HELP_DESK, Mark.PERSON_ONLY
    AVOIDANCE_LIFT = "avoidance:lift", _OF_THE_CASE, Mark.PERSON_ONLY
    HISTORY_ERASE = "history:erase", {Role.DESK: Reach.OPENED}, Mark.PERSON_ONLY, Mark.STOPS
    CLIENT_DOCUMENT_READ = "client_document:read", _OF_THE_CASE, Mark.PERSON_ONLY, Mark.STOPS
    CASE_ERASE = "case:erase", _FOR_THE_DESK, Mark.PERSON_ONLY, Mark.STOPS
    LEGAL_HOLD_READ = "legal_hold:read", _FOR_THE_DESK
    LEGAL_HOLD_ASK = "legal_hold:ask", _FOR_THE_DESK, Mark.PERSON_ONLY
    LEGAL_HOLD_LIFT = "legal_hold:lift", _FOR_THE_DESK, Mark.PERSON_ONLY
    LEAVE_ASK = "leave:ask", _FOR_THE_DESK, Mark.PERSON_ONLY, Mark.STOPS
    SECOND_PERSON_READ = (
        "second_person:read",
        {**_CARED_FOR, **_each(Reach.ALL, _ADMINS | _REVIEWERS), **_each(Reach.OWN, _ANALYSTS)},
        Mark.OF_REGISTER,
    )
    SECOND_PERSON_ANSWER = (
        "second_person:answer",
        {**_each(Reach.ALL, _ADMINS | _REVIEWERS), **_each(Reach.OWN, _ANALYSTS)},
        Mark.PERSON_ONLY,
    )
    SECOND_PERSON_WITHDRAW = (
        "second_person:withdraw",
        {**_CARED_FOR, **_each(Reach.ALL, _ADMINS | {Role.AUDITOR}), **_each(Reach.OWN, _ANALYSTS)},
        Mark.PERSON_ONLY,
        Mark.OF_REGISTER,
    )
    RETENTION_READ = "retention:read", _each(Reach.ALL, _ADMINS | _REVIEWERS)
    REGISTRATION_OPEN = "registration:open", {Role.DESK: Reach.ALL, Role.COORDINATOR: Reach.NIGHT}, Mark.PERSON_ONLY
    ADDRESS_DISCLOSE = "address:reveal", _OF_THE_CASE, Mark.PERSON_ONLY, Mark.PLACES
    PROPOSAL_READ = "proposal:read", _OF_THE_CASE
    PROPOSAL_MAKE = "proposal:make", _OF_THE_CASE, Mark.PLACES
    PROPOSAL_DECIDE = "proposal:decide", _OF_THE_CASE, Mark.PERSON_ONLY, Mark.PLACES
    DECISION_CONFIRM = "decision:confirm", {Role.DESK: Reach.ALL}, Mark.PERSON_ONLY, Mark.PLACES
    DECISION_READ = "decision:read", _LISTED
    HOLD_READ = "hold:read", _CARED_FOR
    HOLD_ANSWER = "hold:answer", {Role.SHELTER_STAFF: Reach.OWN}, Mark.PERSON_ONLY
    HOLD_ARRIVE = "hold:arrive", _CARED_FOR
    ARRIVAL_SAY = "arrival:say", {**_LISTED, Role.SHELTER_STAFF: Reach.OWN}, Mark.PERSON_ONLY
    HOLD_RELEASE = "hold:release", _LISTED, Mark.PERSON_ONLY
    TAKE_OVER = "stay:take_over", _FOR_THE_DESK, Mark.PERSON_ONLY, Mark.STOPS
    STAY_READ = "stay:read", _CARED_FOR
    STAY_BLOCK = "stay:block", _CARED_FOR
    STAY_END = "stay:end", {**_LISTED, Role.SHELTER_STAFF: Reach.OWN}, Mark.PERSON_ONLY
    STAY_MOVE = "stay:move", {Role.SHELTER_STAFF: Reach.OWN, Role.DESK: Reach.ALL}, Mark.PERSON_ONLY
    AUDIT_READ = "audit:read", {Role.AUDITOR: Reach.ALL}
    ACCESS_READ = "access:read", _each(Reach.ALL, _REVIEWERS)
    DOUBT_READ = "doubt:read", _each(Reach.ALL, _ADMINS | _REVIEWERS)
    DOUBT_RELEASE = "doubt:release", _each(Reach.ALL, _ADMINS | _REVIEWERS), Mark.PERSON_ONLY
    REVIEW_READ = "review:read", _each(Reach.ALL, _REVIEWERS)
    REVIEW_ACKNOWLEDGE = "review:tick", _each(Reach.ALL, _REVIEWERS), Mark.PERSON_ONLY
    VOCABULARY_READ = "vocabulary:read", _each(Reach.ALL, _EVERYONE), Mark.SILENT, Mark.OF_REGISTER
    SET_UP_READ = (
        "set_up:read",
        {**_each(Reach.OWN, _EVERYONE), **_each(Reach.ALL, _ADMINS | _REVIEWERS)},
        Mark.SILENT,
    )
    SESSION_READ = "session:read", _each(Reach.OWN, _EVERYONE | _OUTSIDE_CASES), Mark.SILENT, Mark.OF_REGISTER
    SESSION_END = "session:end", _OF_EVERY_PERSON, Mark.PERSON_ONLY, Mark.SILENT
    SESSION_VERIFY = "session:verify", _OF_EVERY_PERSON, Mark.PERSON_ONLY, Mark.SILENT
    PASSKEY_READ = "passkey:read", _OF_EVERY_PERSON, Mark.PERSON_ONLY, Mark.SILENT
    PASSKEY_CHANGE = "passkey:change", _OF_EVERY_PERSON, Mark.PERSON_ONLY, Mark.STOPS
    DETAILS_READ = "details:read", _OF_EVERY_PERSON, Mark.SILENT
    DETAILS_CHANGE = "details:change", _OF_EVERY_PERSON, Mark.PERSON_ONLY, Mark.STOPS
    ABSENCE_READ = "absence:read", _ONES_OWN
    ABSENCE_CHANGE = "absence:change", _ONES_OWN, Mark.PERSON_ONLY
    ON_CALL_READ = "on_call:read", _FOR_THE_DESK
    ON_CALL_CHANGE = "on_call:change", _FOR_THE_DESK, Mark.PERSON_ONLY, Mark.STOPS
    MANDATES_READ = "mandates:read", _FOR_THE_DESK
    MANDATE_GIVE = "mandate:give", _FOR_THE_DESK, Mark.PERSON_ONLY, Mark.STOPS
    MANDATE_REVOKE = "mandate:revoke", _FOR_THE_DESK, Mark.PERSON_ONLY
    CENTRE_READ = "centre:read", _each(Reach.ALL, _EVERYONE | _OUTSIDE_CASES), Mark.SILENT
    KEY_READ = "key:read", _OF_EVERY_PERSON
    KEY_MAKE = "key:make", _OF_EVERY_PERSON, Mark.PERSON_ONLY, Mark.STOPS
    KEY_REVOKE = "key:revoke", _OF_EVERY_PERSON, Mark.PERSON_ONLY, Mark.STOPS
    ACCOUNT_READ = "account:read", _FOR_ADMINS
    ACCOUNT_INVITE = "account:invite", _FOR_ADMINS, Mark.PERSON_ONLY, Mark.STOPS
    ACCOUNT_CHANGE = "account:change", _FOR_ADMINS, Mark.PERSON_ONLY, Mark.STOPS
    ORGANISATION_READ = "organisation:read", _FOR_ADMINS
    ORGANISATION_MAKE = "organisation:make", _FOR_ADMINS, Mark.PERSON_ONLY, Mark.STOPS
    ORGANISATION_CHANGE = "organisation:change", _FOR_ADMINS, Mark.PERSON_ONLY, Mark.STOPS
    ENCRYPTION_KEYS_READ = "encryption_keys:read", _FOR_ADMINS
    ROTATION_ASK = "rotation:ask", _FOR_ADMINS, Mark.PERSON_ONLY, Mark.STOPS
    POLICY_READ = "policy:read", _each(Reach.ALL, _ADMINS | _REVIEWERS)
    POLICY_CHANGE = "policy:change", _FOR_ADMINS, Mark.PERSON_ONLY
    POLICY_TRY = "policy:try", _each(Reach.ALL, _ADMINS | {Role.DESK})
    POLICY_TRY_CASES = "policy:try_cases", _FOR_THE_DESK  # an admin sees counts, never cases
    AREAS_READ = "areas:read", _each(Reach.ALL, _PLACERS | _ADMINS | _REVIEWERS), Mark.SILENT, Mark.OF_REGISTER
    AREA_CHANGE = "area:change", _FOR_THE_DESK, Mark.PERSON_ONLY
    RULES_READ = "rules:read", _each(Reach.ALL, _PLACERS | _ADMINS | _REVIEWERS), Mark.SILENT
    RULES_TRY = "rules:try", _FOR_THE_DESK
    RULE_CHANGE_ASK = "rule_change:ask", _FOR_THE_DESK, Mark.PERSON_ONLY
    MESSAGES_READ = "messages:read", _SENT
    MESSAGE_RETRY = "message:retry", _SENT
    SUBSCRIPTION_READ = "subscription:read", _each(Reach.OWN, _SUBSCRIBERS)
    SUBSCRIPTION_CHANGE = "subscription:change", _each(Reach.OWN, _SUBSCRIBERS)
    REMINDERS_READ = "reminders:read", _CARED_FOR
    TASKS_READ = "tasks:read", {**_CARED_FOR, **_each(Reach.OWN, _OWN_TASKS)}
    WEBHOOKS_READ = "webhooks:read", _OF_SOFTWARE
    WEBHOOK_CHANGE = "webhook:change", _each(Reach.OWN, frozenset(_OF_SOFTWARE)), Mark.PERSON_ONLY, Mark.STOPS
    WEBHOOK_DISABLE = "webhook:disable", _OF_SOFTWARE, Mark.PERSON_ONLY
    # every reader sees the country's totals; besides, all places, those of the own regions or shelter, or no places
    REPORTS_READ = "reports:read", _each(Reach.ALL, _READERS)
    COUNT_RELEASES_READ = "count_releases:read", _each(Reach.ALL, _ANALYSTS)
    COUNT_RELEASE_ASK = "count_release:ask", _each(Reach.ALL, _ANALYSTS), Mark.PERSON_ONLY
    NEEDS_READ = "needs:read", _each(Reach.ALL, frozenset({Role.DESK, Role.READER, Role.ANALYST}))
    COUNT_SEND = "count:send", _each(Reach.OWN, _COUNTERS), Mark.OF_COUNTS
    COUNT_CODES_READ = "count_codes:read", _each(Reach.ALL, _COUNTERS | _ANALYSTS), Mark.SILENT, Mark.OF_COUNTS
    COUNTS_READ = "counts:read", {Role.REGISTRAR: Reach.ALL, Role.ANALYST: Reach.OWN}  # an analyst sees no references
    COUNT_READ = "count:read", _FOR_REGISTRARS
    COUNT_CHANGE = "count:change", _FOR_REGISTRARS, Mark.PERSON_ONLY
    COUNTS_IMPORT = "counts:import", _FOR_REGISTRARS, Mark.PERSON_ONLY
    PRACTICE_READ = "practice:read", _each(Reach.ALL, _PEOPLE | _OUTSIDE_CASES)
    PRACTICE_PLAY = "practice:play", _OF_EVERY_PERSON, Mark.PERSON_ONLY
    REPORT_READ = "report:read", {Role.DESK: Reach.ALL, **_each(Reach.OWN, _READERS - {Role.DESK})}

    @property
    def scope(self) -> str:
        """The scope that an API key needs for this permission."""
        if self.of_counts and self.kind == "write":
            return COUNTS_SEND
        return SEND if self.of_sender else self.kind

    @property
    def kind(self) -> str:
        """The kind of the permission: `read` or `write`."""
        return "read" if self.value.endswith(":read") else "write"

    def is_of(self, actor: Actor) -> bool:
        return actor.role in self.reach

    def is_of_role(self, role: Role) -> bool:
        return role in self.reach

    def reach_of(self, actor: Actor) -> Reach | None:
        """Returns the objects to which the permission applies for this actor; `None` if the role does not have it."""
        return self.reach.get(actor.role)


def roles_with_no_more_than(*subjects: str) -> frozenset[Role]:
    """Returns the roles of people whose permissions are limited to two kinds: permissions that every role has, and
    permissions on these subjects.
    """
    more = [one for one in Permission if not one.reach.keys() >= _PEOPLE and one.split(":")[0] not in subjects]
    return frozenset(role for role in _PEOPLE if not any(role in one.reach for one in more))


WITHOUT_PASSKEY = frozenset(
    {
        Permission.SESSION_READ,
        Permission.SESSION_END,
        Permission.SESSION_VERIFY,
        Permission.PASSKEY_READ,
        Permission.PASSKEY_CHANGE,
    }
)
"""The permissions of a user whose role needs a passkey, until the user has made the passkey."""


def asks(actor: Actor, permission: Permission) -> bool:
    """Checks whether the actor is a key with the scope `register` that may only request this act. A person of the desk
    then approves the request.
    """
    may = permission.of_register or (permission.scope in actor.scopes and not permission.person_only)
    return REGISTER in actor.scopes and not may


def require(actor: Actor, permission: Permission, *, can_ask: bool = False) -> None:
    """Raises `NotAllowed` if the actor's role, session or key lacks the permission, or if the role needs a passkey that
    was not made yet. `can_ask`: true if a key with the scope `register` is sufficient.
    """
    if not permission.is_of(actor):
        raise NotAllowed("role_may_not", permission=permission.value)
    by_register = REGISTER in actor.scopes and (can_ask or permission.of_register)
    if not by_register and not (COUNTS_SEND in actor.scopes and permission.of_counts):
        if (permission.kind if actor.session_id else permission.scope) not in actor.scopes:
            raise NotAllowed("key_may_not", scope=permission.scope)
        if permission.person_only and actor.session_id is None:
            raise NotAllowed("sign_in_needed")
    if actor.factor is Factor.MISSING and permission not in WITHOUT_PASSKEY:
        raise NotAllowed("passkey_needed")


def require_running(act: Act, permission: Permission) -> None:
    """Raises `Stopped` if this permission is subject to a stop, and a stop is in force (`doubt_stop.py`)."""
    if permission.stops:
        doubt_stop.require_running(act, tonight=permission.places)


HEARD = frozenset({Permission.HOLD_ANSWER, Permission.HOLD_ARRIVE, Permission.STAY_END})
"""The acts that a shelter may report by telephone. To enter such a report, the desk needs only `telephone:enter`."""


def needs(permission: Permission) -> Callable[[Verb], Verb]:
    """Decorates a function of the domain, and requires this permission of the actor. The first argument of the function
    is the act. The service itself needs no permission. A route checks the permission too, before it reads anything.
    Raises the errors of `require`.
    """

    def checked(verb: Verb) -> Verb:
        @wraps(verb)
        def call(act: Act, *given: object, **named: object) -> object:
            if act.actor.role is not Role.SYSTEM:
                heard = act.heard_from is not None and permission in HEARD
                require(act.actor, Permission.TELEPHONE_ENTER if heard else permission)
                require_running(act, permission)
            return verb(act, *given, **named)

        return cast("Verb", call)

    return checked
