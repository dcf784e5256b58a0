"""Codes for the person who consents for a client, and for the legal ground of sharing the client's data."""

from enum import StrEnum


class Guardian(StrEnum):
    """The person with authority over a minor of the registration."""

    PARENT = "parent"
    APPOINTED = "appointed"  # by a court, such as Nidos
    ASKED_FOR = "asked_for"  # not appointed yet


class Consent(StrEnum):
    ASKED = "asked"
    GIVEN = "given"
    REFUSED = "refused"


class SharingGround(StrEnum):
    """The legal ground for sharing a client's data with a shelter."""

    CONSENT = "consent"
    LEGAL_TASK = "legal_task"
    VITAL_INTEREST = "vital_interest"  # the client cannot be asked, and is in danger


class SharingScope(StrEnum):
    """The purpose for which a client's data may be shared."""

    FIRST_PLACE = "first_place"
    EVERY_PLACE = "every_place"  # also a later move to another place


class Restriction(StrEnum):
    """The client's right that restricts the use of a case to storing it (GDPR, articles 18 and 21)."""

    ACCURACY = "accuracy"  # the client contests facts; it lasts until the facts are checked
    UNLAWFUL = "unlawful"  # the client wants neither erasure nor further use
    OBJECTION = "objection"  # the client objects; it lasts until the grounds are weighed


class ErasureGround(StrEnum):
    """The ground on which a client's case is erased before its term (GDPR, article 17 (1))."""

    NOT_NEEDED = "not_needed"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    OBJECTION = "objection"
    UNLAWFUL = "unlawful"
    REQUIRED_BY_LAW = "required_by_law"


class SharingSaidBy(StrEnum):
    """The person who gave the consent, or who established the legal ground."""

    CLIENT = "client"
    GUARDIAN = "guardian"
    REGISTRANT = "registrant"
    PLACER = "placer"


class ClientSays(StrEnum):
    """The client's own answer to the proposed place."""

    YES = "yes"
    NO = "no"
    NOT_ASKED = "not_asked"  # the client could not be asked, or was not asked yet


class Driver(StrEnum):
    """The person who brings a client to a shelter."""

    CLIENT = "client"  # the client comes alone
    REGISTRANT = "registrant"
    PLACER = "placer"
    SHELTER = "shelter"
    TAXI = "taxi"
    OTHER = "other"
