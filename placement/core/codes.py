"""The closed lists of the domain. Codes from `docs/domain.md`, section 9; the comment beside a code defines it."""

from enum import IntEnum, StrEnum
from typing import Self

from placement.core.request_codes import OfClient


class CodeWithFacts(StrEnum):
    """A closed list of codes with facts: each is written with them behind it, as its class takes them in `__init__`."""

    def __new__(cls, code: str, *_: object) -> Self:
        made = str.__new__(cls, code)
        made._value_ = code
        return made


class OrganisationKind(StrEnum):
    COORDINATION_CENTRE = "coordination_centre"  # CoMensha
    CARE_COORDINATION = "care_coordination"  # of one or more regions
    SHELTER = "shelter"
    OVERSIGHT = "oversight"  # reads reports or the audit log from outside


class Sees(StrEnum):
    """Which cases and places a role sees by itself; another's are not found."""

    ALL = "all"
    REGIONS = "regions"  # cases of its own regions, places of the whole country
    SHELTER = "shelter"  # its own shelter, and who lives there or is to come
    NOTHING = "nothing"


_CENTRE, _CARE, _SHELTER, _OVERSIGHT = OrganisationKind


class Role(CodeWithFacts):
    """The role of an account: the code, what it sees, and the organisations that have people with it.

    Beside this, a role is in the rows of `placement/access/permissions.py`, and nothing else asks which one it is.
    """

    sees: Sees
    organisations: tuple[OrganisationKind, ...]
    """None for software."""
    has_authority: bool
    """Over places in COSM and OMM: nobody else has to agree."""

    def __init__(
        self,
        _: str,
        sees: Sees = Sees.NOTHING,
        organisations: tuple[OrganisationKind, ...] = (),
        has_authority: bool = False,
    ) -> None:
        self.sees, self.organisations, self.has_authority = sees, organisations, has_authority

    DESK = "desk", Sees.ALL, (_CENTRE,), True  # CoMensha's placement desk
    COORDINATOR = "coordinator", Sees.REGIONS, (_CARE,)  # care coordinator (zorgcoördinator) of one or more regions
    SHELTER = "shelter", Sees.SHELTER  # a shelter's own software
    SHELTER_STAFF = "shelter_staff", Sees.SHELTER, (_SHELTER,)
    READER = "reader", Sees.NOTHING, tuple(OrganisationKind)  # reads the capacity report: totals alone
    AUDITOR = "auditor", Sees.NOTHING, (_CENTRE, _OVERSIGHT)  # reads the audit log, and nothing else
    ADMIN = "admin", Sees.NOTHING, (_CENTRE,)  # accounts and settings; no case content
    SYSTEM = "system", Sees.ALL  # the service itself: clocks that run out

    @property
    def is_person(self) -> bool:
        return bool(self.organisations)


def roles_that_see(what: Sees) -> frozenset[Role]:
    """The roles of people that see this."""
    return frozenset(role for role in Role if role.is_person and role.sees is what)


class Protocol(StrEnum):
    """How the user was authenticated: NEN 7513 asks for it in every audit event."""

    API_KEY = "api_key"
    SESSION = "session"  # signed in with password and second factor, or by single sign-on
    SYSTEM = "system"  # the service itself
    COMMAND_LINE = "command_line"  # an operator at the machine
    NONE = "none"  # not authenticated: the request was refused


class Action(StrEnum):
    """The kind of an audit event."""

    READ = "read"
    SEARCH = "search"
    CHANGE = "change"
    EXPORT = "export"
    SIGN_IN = "sign_in"


class Outcome(StrEnum):
    """The outcome of what an audit event records."""

    DONE = "done"
    REFUSED = "refused"
    NOT_FOUND = "not_found"  # does not exist, or is outside the actor's scope


class AskedAct(StrEnum):
    """What one admin requests, and another grants."""

    INVITE = "invite"  # an address without an account
    INVITE_AGAIN = "invite_again"  # a new password and second factor
    CHANGE = "change"  # another role, regions or organisation


class ReviewOutcome(StrEnum):
    """The outcome of the review of an anomaly."""

    EXPLAINED = "explained"  # there was a good reason
    SPOKEN_TO = "spoken_to"  # there was none; it was discussed with the user
    INCIDENT = "incident"  # reported as a data breach or an incident
    RULE_TOO_STRICT = "rule_too_strict"  # no anomaly: the rule needs another limit


class Region(StrEnum):
    """Police units; the country has ten."""

    NOORD_NEDERLAND = "noord-nederland"
    OOST_NEDERLAND = "oost-nederland"
    MIDDEN_NEDERLAND = "midden-nederland"
    NOORD_HOLLAND = "noord-holland"
    AMSTERDAM = "amsterdam"
    DEN_HAAG = "den-haag"
    ROTTERDAM = "rotterdam"
    ZEELAND_WEST_BRABANT = "zeeland-west-brabant"
    OOST_BRABANT = "oost-brabant"
    LIMBURG = "limburg"


class Scheme(StrEnum):
    COSM = "cosm"  # categorical shelter for victims of trafficking
    OMM = "omm"  # shelter for victims with multiple problems
    WOMENS = "womens"  # vrouwenopvang
    MENS = "mens"  # mannenopvang
    SOCIAL = "social"  # maatschappelijke opvang
    MINORS = "minors"  # beschermde opvang
    CRISIS = "crisis"  # regional emergency bed, 72-hour bed


class StoreFact(StrEnum):
    """What is recorded of a store as a whole; each once, the last time that it was so."""

    SYNTHETIC = "synthetic"  # the synthetic country was put into it: nobody in it is real
    KEYS_COPIED = "keys_copied"  # the operator has copied the service's keys to another place
    BACKUP_MADE = "backup_made"
    SERVICE_BACK = "service_back"  # the jobs run again, after an outage in which none did
    JOB_FAILS = "job_fails"  # a job failed; it still does, where it was not done since
    RESTORED = "restored"  # it was put back from a backup; what was entered since that backup is not in it
    MAIL_FAILS = "mail_fails"  # the mail server takes nothing; there until it takes a mail again


class Gender(StrEnum):
    FEMALE = "female"
    MALE = "male"
    OTHER = "other"


class AgeGroup(StrEnum):
    """What a person is taken for whose age is not known."""

    ADULT = "adult"
    MINOR = "minor"


class Household(StrEnum):
    """Who the persons of a registration are together, for the rules of entitlement."""

    ADULTS = "adults"  # with the minors who have their parent or guardian among them
    AGE_UNKNOWN = "age_unknown"  # the same, but an adult's age is not known
    MINORS = "minors"  # no adult; a child of one of them comes along
    NO_GUARDIAN = "no_guardian"  # adults with minors, and none of the adults is the parent or guardian


class LanguageLevel(StrEnum):
    NATIVE = "native"
    FLUENT = "fluent"
    BASIC = "basic"


class Specialism(StrEnum):
    """Specialisms that a unit offers, and that a registration may need."""

    PREGNANCY = "pregnancy"
    INFANT = "infant"
    FAMILY = "family"
    PSYCHIATRIC = "psychiatric"
    ADDICTION = "addiction"
    INTELLECTUAL_DISABILITY = "intellectual_disability"
    MEDICAL = "medical"
    WHEELCHAIR = "wheelchair"


class RoomFeature(StrEnum):
    GROUND_FLOOR = "ground_floor"
    WHEELCHAIR = "wheelchair"
    PRIVATE_BATHROOM = "private_bathroom"


class Urgency(IntEnum):
    TONIGHT = 1
    DAYS = 2
    WEEK = 3
    CAN_WAIT = 4


class Registrant(StrEnum):
    """The bodies that register, as CoMensha counts them."""

    NP = "NP"
    KMAR = "KMAR"
    NLA = "NLA"
    ZORGCOORDINATIE = "ZORGCOORDINATIE"
    FAIRWORK = "FAIRWORK"
    OVERIG = "OVERIG"


class ResidenceBasis(StrEnum):
    """Decides which schemes are open; used by `entitlement.py` and nowhere else, and never by the engine."""

    NONE_YET = "none_yet"  # no status; the reflection period has not been offered yet
    REFLECTION = "reflection"  # B8/3 reflection period, three months
    REFLECTION_DUBLIN = "reflection_dublin"  # 30 days, Dublin claimants since 18 May 2023
    VICTIM_PERMIT = "victim_permit"
    WITNESS_PERMIT = "witness_permit"
    DUTCH = "dutch"
    EU = "eu"
    ENDED = "ended"
    ASYLUM = "asylum"  # asks for asylum, and has no reflection period
    TEMPORARY_PROTECTION = "temporary_protection"  # Directive 2001/55/EC (Ukraine), and no reflection period
    OTHER_LAWFUL = "other_lawful"  # another residence permit: work, study, family, asylum granted
    UNKNOWN = "unknown"  # to be found out; until then a bed for a short time only


class OutOfService(StrEnum):
    REPAIR = "repair"
    CLEANING = "cleaning"
    INFECTION = "infection"
    STAFF_SHORTAGE = "staff_shortage"
    SAFETY = "safety"
    OTHER = "other"


class Freshness(StrEnum):
    FRESH = "fresh"
    AGEING = "ageing"
    STALE = "stale"
    NEVER = "never"


class Together(StrEnum):
    """How near each other registrations that belong together want to be."""

    UNIT = "unit"
    LOCATION = "location"
    REGION = "region"


class AvoidedKind(StrEnum):
    REGION = "region"
    LOCATION = "location"
    PROVIDER = "provider"
    UNIT = "unit"


class RegistrationStatus(OfClient):
    DRAFT = "draft"
    OPEN = "open"
    HELD = "held"
    PLACED = "placed"
    MOVING = "moving"  # lives in a place, and another is sought
    MOVE_HELD = "move_held"  # lives in a place, and a bed at another is kept
    MISSING = "missing"  # left to an unknown destination, or did not arrive and was not reached
    CLOSED = "closed"


class ProposalStatus(StrEnum):
    MADE = "made"
    ACCEPTED = "accepted"
    OVERRIDDEN = "overridden"
    DECLINED = "declined"
    SUPERSEDED = "superseded"
    EXPIRED = "expired"


class DecisionKind(StrEnum):
    ACCEPT = "accept"
    OVERRIDE = "override"
    DECLINE = "decline"


class DecisionStatus(StrEnum):
    WAITING_FOR_DESK = "waiting_for_desk"  # COSM and OMM: the desk has the authority
    WAITING_FOR_SHELTER = "waiting_for_shelter"  # the count is stale: the shelter confirms it, then the hold is made
    WAITING_FOR_SECOND = "waiting_for_second"  # a hard rule is broken: a second person of the desk
    PROVISIONAL = "provisional"  # carried out under a standing mandate; the desk confirms it, or sends it back
    FINAL = "final"
    REFUSED = "refused"  # an approval was refused
    LAPSED = "lapsed"  # not approved in time, or it could not be carried out any more
    WITHDRAWN = "withdrawn"  # the coordinator or the desk gave the beds back before any approval


class LegalHoldStatus(StrEnum):
    ASKED = "asked"
    STANDING = "standing"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"  # before it was answered
    LAPSED = "lapsed"  # not granted in time
    LIFT_ASKED = "lift_asked"  # in force until a second person lifts it
    LIFTED = "lifted"


class RoomsLack(StrEnum):
    """Why a unit has no bed for a client: the reasons of the rule `rooms`, as the engine gives them."""

    TOO_FEW_BEDS = "too_few_beds"
    TOO_LATE = "too_late"
    OCCUPIED = "occupied"
    GENDER_OR_MINORS = "gender_or_minors"
    ROOM_NEEDS = "room_needs"


class HoldStatus(StrEnum):
    RESERVED = "reserved"  # for a decision that waits: no shelter was asked
    WAITING_FOR_SHELTER = "waiting_for_shelter"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    EXPIRED = "expired"
    RELEASED = "released"


class StayStatus(StrEnum):
    PLANNED = "planned"
    IN_HOUSE = "in_house"
    ENDED = "ended"


class Channel(StrEnum):  # of an outgoing message
    MAIL = "mail"
    WEBHOOK = "webhook"


class MessageKind(StrEnum):
    """The kind of a message; for software it is the type of the event."""

    REPORT_MADE = "report.made"
    HOLD_ASKED = "hold.asked"
    HOLD_RELEASED = "hold.released"
    HOLD_EXPIRED = "hold.expired"
    HOLD_WAITS = "hold.waits"
    HOLD_SETTLED = "hold.settled"  # the desk has answered what a shelter was asked provisionally
    HOLD_CONFIRMED = "hold.confirmed"
    HOLD_REFUSED = "hold.refused"
    COUNT_ASKED = "count.asked"  # a decision waits for a shelter to confirm its count
    DECISION_WAITS = "decision.waits"  # for the desk, or for a second person
    DECISION_REFUSED = "decision.refused"
    DECISION_LAPSED = "decision.lapsed"
    DECISION_CHANGED = "decision.changed"  # another status, for the one who decided
    ARRIVAL_POSTPONED = "arrival.postponed"
    ARRIVED = "stay.arrived"  # for the one who decided
    ARRIVAL_REVERSED = "stay.arrival_reversed"
    NO_SHOW = "stay.no_show"
    NO_SHOW_REVERSED = "stay.no_show_reversed"
    STAY_END_REVERSED = "stay.end_reversed"
    STAY_BROKEN_OFF = "stay.broken_off"  # a client in house needs another place tonight
    CLIENT_MISSING = "client.missing"  # nobody knows where a client is: to everybody who places, at once
    SEARCH_ENDED = "client.search_ended"  # to those who were notified of it
    CASE_CLOSED = "case.closed"  # by another than the coordinator: the end of a stay, a merger, the desk
    CASE_REOPENED = "case.reopened"  # that it was closed by hand was taken back
    STAY_IS_LONG = "stay.is_long"
    COUNT_IS_MISSING = "count.is_missing"
    KEY_ENDS = "key.ends"  # of an account's own software
    TASK_DUE = "task.due"  # a task waits for its owner, or is late and comes to the next
    TELEPHONE_ENTERED = "telephone.entered"  # what a shelter said by telephone, as the desk entered it
    NUMBERS_CHANGED = "numbers.changed"  # the telephone numbers of a shelter
    ROOMS_CHANGED = "rooms.changed"  # the rooms that a shelter reports are others
    CHANGE_ASKED = "change.asked"  # of the register, for a second person
    CHANGE_ANSWERED = "change.answered"
    SHEET_MADE = "sheet.made"  # for when the service is away: encrypted
    WEBHOOK_DISABLED = "webhook.disabled"
    WEBHOOK_TRIED = "webhook.tried"  # a test by the user who set it up


class MessageStatus(StrEnum):
    WAITING = "waiting"  # to be delivered, now or at its next try
    DELIVERED = "delivered"
    FAILED = "failed"  # given up; can be tried again by hand
    MOOT = "moot"  # a reminder of what is over: not sent
