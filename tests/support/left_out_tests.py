"""Tests that need a browser, left out of a run on a machine without a browser; the summary names their number and
files.

If `CI` is set, no test is left out: the tests then fail, with the ways to get a browser.
"""

import os
from collections import Counter
from collections.abc import Iterable

import pytest

from tests.support.browser.chromium import ADVICE, find

FIXTURE = "browser_program"
_LEFT_OUT = pytest.StashKey[Counter[str]]()


def deselect(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Takes the tests that need a browser out of `items`, if there is no browser."""
    needing = [item for item in items if FIXTURE in getattr(item, "fixturenames", ())]
    if not needing or os.environ.get("CI") or find() is not None:
        return
    config.stash[_LEFT_OUT] = Counter(item.nodeid.partition("::")[0] for item in needing)
    items[:] = [item for item in items if item not in set(needing)]
    config.hook.pytest_deselected(items=needing)


def of_process(config: pytest.Config) -> dict[str, int]:
    """Returns how many tests of each file this process left out; every process of a run leaves out the same."""
    return dict(config.stash.get(_LEFT_OUT, Counter()))


def remember(config: pytest.Config, files: dict[str, int]) -> None:
    """Keeps what another process of the run left out."""
    config.stash[_LEFT_OUT] = Counter(files)


def summary(files: dict[str, int]) -> Iterable[str]:
    """Lines of the summary: the number of tests, each file, and how to get a browser."""
    if files:
        yield f"{sum(files.values())} tests were left out, because they need a browser:"
        yield from (f"  {number} of {file}" for file, number in sorted(files.items()))
        yield ADVICE
