"""Closed lists for requests that a second person answers."""

from placement.core.codes import CodeWithFacts


class SecondPersonKind(CodeWithFacts):
    """The kinds of requests for a second person: a code, with a flag: true if an outage extends the time to answer."""

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
    DECISION = "decision"
    REGISTER = "register"
    RELEASE = "release"
    IMPORT = "import"
    COUNTS = "counts"
    DISCLOSURE = "disclosure"
    ERASURE = "erasure"


class SecondPersonStatus(CodeWithFacts):
    """The states of a request. A state is a code, with a flag: true if a second person has answered."""

    def __init__(self, _: str, is_answer: bool = False) -> None:
        self.is_answer = is_answer

    ASKED = "asked"
    GRANTED = "granted", True
    REFUSED = "refused", True
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
