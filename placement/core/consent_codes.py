"""Codes of the persons who consent for a client, and of the ground for sharing the client's data."""

from enum import StrEnum


class Guardian(StrEnum):
    """The holder of authority over a minor of the registration."""

    PARENT = "parent"
    APPOINTED = "appointed"  # by a court, such as Nidos
    ASKED_FOR = "asked_for"  # not appointed yet


class Consent(StrEnum):
    ASKED = "asked"
    GIVEN = "given"
    REFUSED = "refused"


class SharingGround(StrEnum):
    """The ground for sharing a client's data with a shelter."""

    CONSENT = "consent"
    LEGAL_TASK = "legal_task"
    VITAL_INTEREST = "vital_interest"  # the client cannot be asked, and is in danger


class SharingSaidBy(StrEnum):
    """The person who gave the consent, or established the ground."""

    CLIENT = "client"
    GUARDIAN = "guardian"
    REGISTRANT = "registrant"
    PLACER = "placer"


class ClientSays(StrEnum):
    """The client's own answer to the proposed place."""

    YES = "yes"
    NO = "no"
    NOT_ASKED = "not_asked"  # could not be asked, or not yet


class Driver(StrEnum):
    """The person who brings a client to a shelter."""

    CLIENT = "client"  # comes alone
    REGISTRANT = "registrant"
    PLACER = "placer"
    SHELTER = "shelter"
    TAXI = "taxi"
    OTHER = "other"
