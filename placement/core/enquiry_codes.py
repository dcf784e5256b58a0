"""Codes of the help desk: who asks, about what, what was advised, and the states of enquiries and entries."""

from enum import StrEnum

from placement.core.codes import Registrant


class Asker(StrEnum):
    """The kind of organisation or person that calls the help desk."""

    POLICE = "police"
    KMAR = "kmar"
    INSPECTORATE = "inspectorate"
    SHELTER = "shelter"
    CARE_COORDINATOR = "care_coordinator"
    AID_WORKER = "aid_worker"  # outreach, social work, an organisation for migrants or sex workers
    LAWYER = "lawyer"
    RECEPTION = "reception"  # an asylum seekers' centre, or another place of COA
    MUNICIPALITY = "municipality"
    YOUTH_CARE = "youth_care"
    HEALTH_CARE = "health_care"
    CLIENT = "client"  # a presumed victim
    CITIZEN = "citizen"
    OTHER = "other"


REGISTRANTS = {Asker.POLICE: Registrant.NP, Asker.KMAR: Registrant.KMAR, Asker.INSPECTORATE: Registrant.NLA} | {
    Asker.CARE_COORDINATOR: Registrant.ZORGCOORDINATIE
}
"""The kind of registrant for each kind of caller. Callers that are not in this table are *other* registrants."""


class Subject(StrEnum):
    """Subjects of enquiries and entries."""

    SHELTER = "shelter"
    REGISTERING = "registering"  # who registers, whether it is a duty, and how
    REFLECTION = "reflection"
    RESIDENCE = "residence"  # permits and other grounds to stay
    COMPLAINT = "complaint"  # to the police
    SIGNS = "signs"
    SAFETY = "safety"
    MINORS = "minors"
    CARE = "care"
    PRIVACY = "privacy"  # consent, and which facts may be shared
    ONWARD = "onward"  # housing, and what follows the shelter
    OTHER = "other"


class Advice(StrEnum):
    """Kinds of advice to a caller."""

    REGISTER = "register"
    RING_POLICE = "ring_police"
    COORDINATOR = "coordinator"
    LAWYER = "lawyer"
    OTHER_SHELTER = "other_shelter"
    YOUTH_ROUTE = "youth_route"
    INFORMATION = "information"
    CONSULT = "consult"  # to ask a colleague or a second organisation first
    NOTHING = "nothing"
    OTHER = "other"


class EnquiryStatus(StrEnum):
    OPEN = "open"  # the call goes on, or its record was not finished
    CALL_BACK = "call_back"  # a person of the help desk has to call back
    DONE = "done"


class Became(StrEnum):
    """The kinds of objects that were made from an enquiry. The enquiry does not store the ids of these objects."""

    REGISTRATION = "registration"
    COUNT_RECORD = "count_record"


class EntryStatus(StrEnum):
    WAITING = "waiting"  # for a review
    SHOWN = "shown"
    PAST = "past"  # was shown until a newer version replaced it, or until the entry ended
    REPLACED = "replaced"  # never reviewed


class EntryMark(StrEnum):
    """The source of an entry's text."""

    SOURCED = "sourced"
    DERIVED = "derived"  # computed from figures with a source
    ASSUMED = "assumed"
    NOT_FOUND = "not_found"  # no source was found, and the text states that
