"""Rules for odd requests for an address, as a table. A request with `ENOUGH` points from these rules is odd."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter

from placement.oddness.conduct import Conduct

ENOUGH = 3
"""The number of points from which a request waits for a call-back."""


@dataclass(frozen=True, slots=True)
class OddRule:
    """A rule that applies if its figure is above `most`. A rule with `ENOUGH` points makes a request odd by itself."""

    code: str
    most: int
    points: int

    @property
    def figure(self) -> Callable[[Conduct], int]:
        return attrgetter(self.code)

    def applies(self, conduct: Conduct) -> bool:
        return self.figure(conduct) > self.most


ODD_RULES = (
    OddRule("canary", 0, 3),
    OddRule("denied", 0, 3),
    OddRule("refused", 4, 3),
    OddRule("unproven", 0, 3),
    OddRule("useless", 0, 3),
    OddRule("in_a_day", 0, 1),
    OddRule("in_house", 0, 1),
    OddRule("new_browser", 0, 1),
    OddRule("night", 0, 1),
)
"""The limits (`most`) and the points come from simulated weeks (`tests/support/address_campaigns.py`)."""


def odd(conduct: Conduct, rules: Sequence[OddRule] = ODD_RULES) -> list[str]:
    """Returns the codes of the rules that apply, if they make the request odd; otherwise an empty list."""
    found = [rule for rule in rules if rule.applies(conduct)]
    return [rule.code for rule in found] if sum(rule.points for rule in found) >= ENOUGH else []
