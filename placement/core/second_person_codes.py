"""The closed lists of requests that a second person answers."""

from enum import StrEnum

from placement.core.codes import CodeWithFacts


class SecondPersonKind(CodeWithFacts):
    """Kinds of requests for a second person: the code, and whether an outage extends the time for an answer."""

    def __init__(self, _: str, outlasts_outage: bool = False) -> None:
        self.outlasts_outage = outlasts_outage

    ACCOUNT = "account"
    KEYS = "keys"
    LEAVE = "leave"
    RULE = "rule"
    UNIT = "unit"
    ADDRESS = "address"
    LEGAL_HOLD = "legal_hold", True
    LIFTING = "lifting"


class SecondPersonStatus(StrEnum):
    """The states of a request."""

    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
