"""The closed lists of codes of the domain (`docs/domain.md`, section 7). The comment beside a code defines it."""

from enum import IntEnum, StrEnum
from typing import Self

from placement.core.request_codes import OfClient


class CodeWithFacts(StrEnum):
    """A closed list of codes with facts. A member is a tuple: its code, then the parameters of `__init__`."""

    def __new__(cls, code: str, *_: object) -> Self:
        made = str.__new__(cls, code)
        made._value_ = code
        return made


class OrganisationKind(StrEnum):
    COORDINATION_CENTRE = "coordination_centre"  # CoMensha
    CARE_COORDINATION = "care_coordination"  # for at least one region
    SHELTER = "shelter"
    OVERSIGHT = "oversight"  # reads reports or the audit log, and belongs to another body
    REGISTRANT = "registrant"  # sends registrations in: police, Marechaussee, inspectorate, FairWork and others


class Sees(StrEnum):
    """The cases and places that a role sees without an access grant. Reading another object raises `NotFound`."""

    ALL = "all"
    REGIONS = "regions"  # cases and units of its own regions (`placement/access/need_to_know.py`)
    SHELTER = "shelter"  # its own shelter, and the clients who live there or are expected
    NOTHING = "nothing"


_CENTRE, _CARE, _SHELTER, _OVERSIGHT, _REGISTRANT = OrganisationKind


class Role(CodeWithFacts):
    """The role of an account: its code, what it can see, and the kinds of organisations whose people can have it.

    All other differences between roles are rows in `placement/access/permissions.py`.
    """

    sees: Sees
    organisations: tuple[OrganisationKind, ...]
    """The kinds of organisations whose people can have this role. Empty for roles of software."""
    has_authority: bool
    """True if the role alone decides about places in COSM and OMM."""

    def __init__(
        self,
        _: str,
        sees: Sees = Sees.NOTHING,
        organisations: tuple[OrganisationKind, ...] = (),
        has_authority: bool = False,
    ) -> None:
        self.sees, self.organisations, self.has_authority = sees, organisations, has_authority

    DESK = "desk", Sees.ALL, (_CENTRE,), True  # CoMensha's placement desk
    COORDINATOR = "coordinator", Sees.REGIONS, (_CARE,)  # care coordinator (zorgcoördinator), for at least one region
    SHELTER = "shelter", Sees.SHELTER  # a shelter's own software
    SHELTER_STAFF = "shelter_staff", Sees.SHELTER, (_SHELTER,)
    READER = "reader", Sees.NOTHING, (_CENTRE, _CARE, _SHELTER, _OVERSIGHT)  # reads the capacity report
    AUDITOR = "auditor", Sees.NOTHING, (_CENTRE, _OVERSIGHT)  # reads the audit log, and nothing else
    ADMIN = "admin", Sees.NOTHING, (_CENTRE,)  # accounts and settings; no case content
    REGISTRANT = "registrant", Sees.NOTHING, (_REGISTRANT,)  # sends registrations in, and answers questions about them
    ANALYST = "analyst", Sees.NOTHING, (_CENTRE, _OVERSIGHT)  # reads figures without cases: the ledger of need
    REGISTRAR = "registrar", Sees.NOTHING, (_CENTRE,)  # keeps the count register; sees no case
    ADVISER = "adviser", Sees.NOTHING, (_CENTRE,)  # answers the help desk: enquiries and entries; no case
    SYSTEM = "system", Sees.ALL  # the service itself, for automatic acts

    @property
    def is_person(self) -> bool:
        return bool(self.organisations)


def roles_that_see(what: Sees) -> frozenset[Role]:
    return frozenset(role for role in Role if role.is_person and role.sees is what)


class Protocol(StrEnum):
    """The way in which the user authenticated. NEN 7513 requires it in every audit event."""

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
    """The outcome in an audit event."""

    DONE = "done"
    REFUSED = "refused"
    NOT_FOUND = "not_found"  # does not exist, or is outside the actor's scope


class AskedAct(StrEnum):
    """A change of accounts that one admin requests and another admin grants."""

    INVITE = "invite"  # an address without an account
    INVITE_SEVERAL = "invite_several"  # the addresses of a file
    INVITE_AGAIN = "invite_again"  # a new password and second factor
    CHANGE = "change"  # another role, regions or organisation


class ReviewOutcome(StrEnum):
    EXPLAINED = "explained"  # the user had a good reason
    SPOKEN_TO = "spoken_to"  # the user had no good reason, and somebody has discussed it with the user
    INCIDENT = "incident"  # reported as a data breach or an incident
    RULE_TOO_STRICT = "rule_too_strict"  # no anomaly: the rule needs another limit


class Region(StrEnum):
    """The ten regions of the national police."""

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
    """A fact about the whole store. A fact is stored once, with the last time at which it was true."""

    SYNTHETIC = "synthetic"  # the store contains the synthetic country, in which nobody is real
    KEYS_COPIED = "keys_copied"  # the operator has copied the service's keys to another place
    BACKUP_MADE = "backup_made"
    SERVICE_BACK = "service_back"  # the jobs run again, after an outage in which no job ran
    JOB_FAILS = "job_fails"  # a job failed, and has not succeeded since
    RESTORED = "restored"  # restored from a backup; later entries are missing
    PRACTICE = "practice"  # the store of a practice room, which the real service never opens
    MAIL_FAILS = "mail_fails"  # the mail server accepts no mail; the fact ends when it accepts a mail again
    WORKS_FROM = "works_from"  # the oldest revision whose processes work with the tables, and the tables' revision


class Gender(StrEnum):
    FEMALE = "female"
    MALE = "male"
    OTHER = "other"


class AgeGroup(StrEnum):
    """The presumed age group of a person whose age is unknown."""

    ADULT = "adult"
    MINOR = "minor"


class Household(StrEnum):
    """The composition of a household, as the rules of entitlement distinguish it."""

    ADULTS = "adults"  # adults, with the minors whose parent or guardian is among them
    AGE_UNKNOWN = "age_unknown"  # as above, but an adult's age is unknown
    MINORS = "minors"  # no adult; a minor's own child may belong to the household
    NO_GUARDIAN = "no_guardian"  # adults and minors, but no adult is the parent or guardian of a minor


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
    """Kinds of bodies that register clients, in the categories that CoMensha reports."""

    NP = "NP"
    KMAR = "KMAR"
    NLA = "NLA"
    ZORGCOORDINATIE = "ZORGCOORDINATIE"
    FAIRWORK = "FAIRWORK"
    OVERIG = "OVERIG"


class ResidenceBasis(StrEnum):
    """The client's basis of residence. It determines which schemes are open. The engine does not read it."""

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
    UNKNOWN = "unknown"  # not known yet; until then only a bed for a short time


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
    """How close together linked registrations want to live."""

    UNIT = "unit"
    LOCATION = "location"
    REGION = "region"


class AvoidedKind(StrEnum):
    REGION = "region"
    LOCATION = "location"
    PROVIDER = "provider"
    UNIT = "unit"


class RegistrationStatus(OfClient):
    RECEIVED = "received"  # sent in by a registrant; the desk has not accepted it yet
    DRAFT = "draft"
    OPEN = "open"
    HELD = "held"
    PLACED = "placed"
    MOVING = "moving"  # lives in a place; another place is sought
    MOVE_HELD = "move_held"  # lives in a place; a bed in another place is reserved
    MISSING = "missing"  # left without a known destination, or did not arrive and could not be reached
    CLOSED = "closed"


UNREGISTERED = frozenset(status for status in RegistrationStatus if status.is_unregistered)


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
    WAITING_FOR_DESK = "waiting_for_desk"  # a place in COSM or OMM, about which the desk decides
    WAITING_FOR_SHELTER = "waiting_for_shelter"  # the count is old: the shelter must first confirm it
    WAITING_FOR_SECOND = "waiting_for_second"  # a hard rule is broken: a second person of the desk must approve
    PROVISIONAL = "provisional"  # carried out under a standing mandate; the desk confirms it, or sends it back
    FINAL = "final"
    REFUSED = "refused"  # an approval was refused
    LAPSED = "lapsed"  # not approved in time, or no longer possible
    WITHDRAWN = "withdrawn"  # the coordinator or the desk released the beds before any approval


class LegalHoldStatus(StrEnum):
    ASKED = "asked"
    STANDING = "standing"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"  # the requester withdrew it before an answer
    LAPSED = "lapsed"  # not granted in time
    LIFT_ASKED = "lift_asked"  # in force until a second person agrees to lift it
    LIFTED = "lifted"


class HoldStatus(StrEnum):
    RESERVED = "reserved"  # reserved for a waiting decision; the shelter was not asked yet
    WAITING_FOR_SHELTER = "waiting_for_shelter"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    EXPIRED = "expired"
    RELEASED = "released"


class StayStatus(StrEnum):
    PLANNED = "planned"
    IN_HOUSE = "in_house"
    ENDED = "ended"


class Channel(StrEnum):  # the channel of an outgoing message
    MAIL = "mail"
    WEBHOOK = "webhook"
    PUSH = "push"  # to a browser that a person allowed
    SMS = "sms"  # to a person's number, or to a number of the desk's list


class MessageKind(StrEnum):
    """The kind of a message. In a webhook call, the kind is the type of the event."""

    REPORT_MADE = "report.made"
    HOLD_ASKED = "hold.asked"
    HOLD_RELEASED = "hold.released"
    HOLD_EXPIRED = "hold.expired"
    HOLD_WAITS = "hold.waits"
    HOLD_SETTLED = "hold.settled"  # the desk has answered a decision that was carried out under a standing mandate
    HOLD_CONFIRMED = "hold.confirmed"
    HOLD_REFUSED = "hold.refused"
    COUNT_ASKED = "count.asked"  # a decision waits for a shelter to confirm its count
    DECISION_WAITS = "decision.waits"  # a decision waits for the desk, or for a second person
    DECISION_REFUSED = "decision.refused"
    DECISION_LAPSED = "decision.lapsed"
    DECISION_CHANGED = "decision.changed"  # a decision has another status; sent to the person who decided
    ARRIVAL_POSTPONED = "arrival.postponed"
    ARRIVED = "stay.arrived"  # sent to the person who decided
    ARRIVAL_REVERSED = "stay.arrival_reversed"
    NO_SHOW = "stay.no_show"
    NO_SHOW_REVERSED = "stay.no_show_reversed"
    STAY_END_REVERSED = "stay.end_reversed"
    STAY_BROKEN_OFF = "stay.broken_off"  # a client in house needs another place tonight
    CLIENT_MISSING = "client.missing"  # nobody can find a client; sent at once to everybody who places clients
    SEARCH_ENDED = "client.search_ended"  # the search ended; sent to the recipients of `CLIENT_MISSING`
    CASE_CLOSED = "case.closed"  # the case was closed by the end of a stay, a merger or the desk
    CASE_REOPENED = "case.reopened"  # a closing by hand was reversed
    STAY_IS_LONG = "stay.is_long"
    COUNT_IS_MISSING = "count.is_missing"
    KEY_ENDS = "key.ends"  # a key of an account's own software
    TASK_DUE = "task.due"  # a task waits for its owner; or it is late, and goes to the next person
    TASK_RINGS = "task.rings"  # a step of the escalation of tonight's tasks, by push or SMS
    DEVICE_ALLOWED = "device.allowed"  # the first message to a device, which shows that push works
    TELEPHONE_ENTERED = "telephone.entered"  # a shelter's report by telephone, entered by the desk
    NUMBERS_CHANGED = "numbers.changed"  # the telephone numbers of a shelter
    ROOMS_CHANGED = "rooms.changed"  # the rooms that a shelter reports have changed
    CHANGE_ASKED = "change.asked"  # a change of the register, for a second person
    CHANGE_ANSWERED = "change.answered"
    SENT_ASKED = "sent.asked"  # a question of the desk about what a registrant sent in
    SENT_CLOSED = "sent.closed"
    SENT_REOPENED = "sent.reopened"
    SHEET_MADE = "sheet.made"  # the encrypted sheet for an outage
    WEBHOOK_DISABLED = "webhook.disabled"
    WEBHOOK_TRIED = "webhook.tried"  # a test by the user who set it up


class MessageStatus(StrEnum):
    WAITING = "waiting"  # waits for its delivery, or for its next try
    DELIVERED = "delivered"
    FAILED = "failed"  # given up; can be tried again by hand
    MOOT = "moot"  # a reminder that is no longer needed: not sent
