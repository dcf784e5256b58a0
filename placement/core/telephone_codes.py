"""Closed lists for telephone numbers, and for telephone reports that the desk enters."""

from enum import StrEnum


class TelephoneUse(StrEnum):
    """The purpose of an organisation's telephone number."""

    PLACING = "placing"  # about a place: the desk of the centre, the intake of a shelter
    NIGHT = "night"  # about a place, outside office hours
    GENERAL = "general"  # all other calls


class NumberConfirmed(StrEnum):
    """How the desk checked a changed number with the shelter."""

    FORMER_NUMBER = "former_number"  # called the former number
    IN_PERSON = "in_person"


class ByTelephone(StrEnum):
    """The certainty of an acceptance by telephone that a person of the desk entered."""

    ENTERED = "entered"  # the bed is kept, and no address is shown
    CERTAIN = "certain"  # a user of the shelter agreed in the service, or confirmed when a second person called it back


class YesEntry(StrEnum):
    """The right of the actor to enter a shelter's acceptance of a client."""

    OTHER_DECIDED = "other_decided"  # yes: another person decided on the place
    NOBODY_ELSE = "nobody_else"  # yes: the actor decided, and nobody else of the desk is on duty
    FOR_ANOTHER = "for_another"  # no: the actor decided, and another person of the desk is on duty


class Heard(StrEnum):
    """The kind of report that a shelter made by telephone and a person of the desk entered."""

    COUNT = "count"
    COUNT_CONFIRMED = "count_confirmed"  # the last count is still right
    YES = "yes"  # the shelter accepts the client
    NO = "no"
    ARRIVAL = "arrival"
    END = "end"  # the client left
