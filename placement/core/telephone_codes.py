"""The closed lists of telephone numbers, and of what is entered by telephone."""

from enum import StrEnum


class TelephoneUse(StrEnum):
    """What a telephone number of an organisation is for."""

    PLACING = "placing"  # about a place: the desk of the centre, the intake of a shelter
    NIGHT = "night"  # the same, outside office hours
    GENERAL = "general"  # all else


class NumberConfirmed(StrEnum):
    """How a person of the desk checked a changed number with the shelter."""

    FORMER_NUMBER = "former_number"  # rang the number that it had before
    IN_PERSON = "in_person"


class ByTelephone(StrEnum):
    """What is known of a yes that a person of the desk entered."""

    ENTERED = "entered"  # the bed is kept, and no address is shown
    CERTAIN = "certain"  # the shelter agreed with its own account, or was rung back by another person


class Heard(StrEnum):
    """What a shelter said by telephone, as a person of the desk enters it."""

    COUNT = "count"
    COUNT_CONFIRMED = "count_confirmed"  # the last count is still right
    YES = "yes"  # the shelter takes the client
    NO = "no"
    ARRIVAL = "arrival"
    END = "end"  # the client left
