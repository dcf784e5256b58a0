"""The closed lists of the field. Codes from `docs/domain.md`, section 9; a word beside a code says what it is."""

from enum import IntEnum, StrEnum


class Role(StrEnum):
    DESK = "desk"  # CoMensha's placement desk
    COORDINATOR = "coordinator"  # care coordinator (zorgcoördinator) of one or more regions
    SHELTER = "shelter"  # a shelter's own software
    SHELTER_STAFF = "shelter_staff"  # somebody who works at a shelter
    READER = "reader"  # reads the capacity report: totals alone
    AUDITOR = "auditor"  # reads the log, and nothing else
    ADMIN = "admin"  # accounts and settings; no case content
    SYSTEM = "system"  # the service itself: clocks that run out


class Protocol(StrEnum):
    """How somebody showed who they are: NEN 7513 asks for it on every line of the log."""

    API_KEY = "api_key"
    SESSION = "session"  # signed in with password and second factor, or by single sign-on
    SYSTEM = "system"  # the service itself
    COMMAND_LINE = "command_line"  # somebody at the machine
    NONE = "none"  # nobody: the request was refused


class Action(StrEnum):
    """The kind of an event in the log."""

    READ = "read"
    SEARCH = "search"
    CHANGE = "change"
    EXPORT = "export"
    SIGN_IN = "sign_in"


class Outcome(StrEnum):
    """How what the log tells of ended."""

    DONE = "done"
    REFUSED = "refused"
    NOT_FOUND = "not_found"  # there is no such thing, or it is somebody else's


class AskedAct(StrEnum):
    """What one admin asks, and another grants."""

    INVITE = "invite"  # somebody who has no account
    INVITE_AGAIN = "invite_again"  # a new password and second factor
    CHANGE = "change"  # another role, regions or organisation


class ReviewOutcome(StrEnum):
    """What somebody found who looked at what was odd in the log."""

    EXPLAINED = "explained"  # there was a good reason
    SPOKEN_TO = "spoken_to"  # there was none; it was talked over
    INCIDENT = "incident"  # reported as a data breach or an incident
    RULE_TOO_STRICT = "rule_too_strict"  # nothing odd: the rule asks for another limit


class OrganisationKind(StrEnum):
    COORDINATION_CENTRE = "coordination_centre"  # CoMensha
    CARE_COORDINATION = "care_coordination"  # of one or more regions
    SHELTER = "shelter"
    OVERSIGHT = "oversight"  # who reads reports or the log from outside


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


class Gender(StrEnum):
    FEMALE = "female"
    MALE = "male"
    OTHER = "other"


class LanguageLevel(StrEnum):
    NATIVE = "native"
    FLUENT = "fluent"
    BASIC = "basic"


class Specialism(StrEnum):
    """What a unit offers, and what a registration may need."""

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
    """What decides which schemes are open; used by `entitlement.py` and nowhere else, and never by the engine."""

    NONE_YET = "none_yet"  # no status; the reflection period has not been offered yet
    REFLECTION = "reflection"  # B8/3 reflection period, three months
    REFLECTION_DUBLIN = "reflection_dublin"  # 30 days, Dublin claimants since 18 May 2023
    VICTIM_PERMIT = "victim_permit"
    WITNESS_PERMIT = "witness_permit"
    DUTCH = "dutch"
    EU = "eu"
    ENDED = "ended"


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


class AvoidedKind(StrEnum):
    REGION = "region"
    LOCATION = "location"
    PROVIDER = "provider"
    UNIT = "unit"


class RegistrationStatus(StrEnum):
    DRAFT = "draft"
    OPEN = "open"
    HELD = "held"
    PLACED = "placed"
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
    FINAL = "final"
    REFUSED = "refused"  # somebody said no
    LAPSED = "lapsed"  # nobody agreed in time, or it could not be carried out any more
    WITHDRAWN = "withdrawn"  # those who placed gave the beds back before anybody agreed


class LegalHoldStatus(StrEnum):
    ASKED = "asked"
    STANDING = "standing"
    REFUSED = "refused"
    LAPSED = "lapsed"  # nobody granted it in time
    LIFT_ASKED = "lift_asked"  # it stands until a second person lifts it
    LIFTED = "lifted"


class RoomsLack(StrEnum):
    """Why there is no bed for a client in a unit: the reasons of the rule `rooms`, as the engine gives them."""

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


class Channel(StrEnum):
    """How a message goes out."""

    MAIL = "mail"
    WEBHOOK = "webhook"


class MessageKind(StrEnum):
    """What a message tells of; for software it is the type of the event."""

    REPORT_MADE = "report.made"
    HOLD_ASKED = "hold.asked"
    HOLD_RELEASED = "hold.released"
    HOLD_EXPIRED = "hold.expired"
    HOLD_WAITS = "hold.waits"
    HOLD_CONFIRMED = "hold.confirmed"
    HOLD_REFUSED = "hold.refused"
    COUNT_ASKED = "count.asked"  # a decision waits for a shelter to confirm its count
    DECISION_WAITS = "decision.waits"  # for the desk, or for a second person
    DECISION_REFUSED = "decision.refused"
    DECISION_LAPSED = "decision.lapsed"
    NO_SHOW = "stay.no_show"
    STAY_BROKEN_OFF = "stay.broken_off"  # somebody in house needs another place tonight
    STAY_IS_LONG = "stay.is_long"
    COUNT_IS_MISSING = "count.is_missing"
    WEBHOOK_DISABLED = "webhook.disabled"
    WEBHOOK_TRIED = "webhook.tried"  # by whoever set it up, to see that it arrives


class MessageStatus(StrEnum):
    WAITING = "waiting"  # to be delivered, now or at its next try
    DELIVERED = "delivered"
    FAILED = "failed"  # given up; somebody can have it tried again
    MOOT = "moot"  # a reminder of what is over: not sent


class Rhythm(StrEnum):
    """How often somebody gets the report."""

    NEVER = "never"
    DAILY = "daily"
    WEEKDAYS = "weekdays"  # from Monday to Friday
    WEEKLY = "weekly"  # on Monday


class MailForm(StrEnum):
    """What comes with the mail of a report, besides its link."""

    LINK = "link"
    PDF = "pdf"
    CSV = "csv"


class ReminderKind(StrEnum):
    HOLD_WAITS = "hold_waits"  # a shelter has not answered yet
    STAY_IS_LONG = "stay_is_long"  # near the limit of a stay, or at it
    COUNT_IS_MISSING = "count_is_missing"  # a shelter has no fresh count
