"""Codes of who agrees for a client, and on what ground is shared what is known of one."""

from enum import StrEnum


class Guardian(StrEnum):
    """Who has authority over a minor of the registration."""

    PARENT = "parent"
    APPOINTED = "appointed"  # by a court, such as Nidos
    ASKED_FOR = "asked_for"  # there is none yet


class Consent(StrEnum):
    ASKED = "asked"
    GIVEN = "given"
    REFUSED = "refused"


class SharingGround(StrEnum):
    """On what ground a shelter is told of a client."""

    CONSENT = "consent"
    LEGAL_TASK = "legal_task"
    VITAL_INTEREST = "vital_interest"  # the client cannot be asked, and is in danger


class SharingSaidBy(StrEnum):
    """Who gave the consent, or found that the ground is there."""

    CLIENT = "client"
    GUARDIAN = "guardian"
    REGISTRANT = "registrant"
    PLACER = "placer"


class ClientSays(StrEnum):
    """The client's own answer to the place that was proposed."""

    YES = "yes"
    NO = "no"
    NOT_ASKED = "not_asked"  # could not be asked, or not yet


class Driver(StrEnum):
    """Who brings a client to a shelter."""

    CLIENT = "client"  # comes alone
    REGISTRANT = "registrant"
    PLACER = "placer"
    SHELTER = "shelter"
    TAXI = "taxi"
    OTHER = "other"
