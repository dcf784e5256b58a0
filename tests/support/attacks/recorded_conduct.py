"""The conduct that the service sees behind each request for an address, so that other rules can be judged by it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from placement.oddness import call_back
from placement.oddness.conduct import Conduct
from placement.oddness.rules import ODD_RULES, OddRule, odd


@contextmanager
def recorded(*, enforced: bool) -> Iterator[list[Conduct]]:
    """Yields the conduct behind each request since. If the rules are not enforced, no request is odd."""
    seen: list[Conduct] = []

    def judge(conduct: Conduct) -> list[str]:
        seen.append(conduct)
        return odd(conduct) if enforced else []

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(call_back, "odd", judge)
        yield seen


def stopped(seen: Sequence[Conduct], rules: Sequence[OddRule] = ODD_RULES) -> bool:
    """Checks whether any of these requests is odd."""
    return any(odd(one, rules) for one in seen)
