"""The first case of a test with several cases belongs to each run; the others belong to the wide tests.

This holds for tests that fill a store, as each of their cases takes as long as the first case. It holds for each store
apart. If each case is a rule of its own, the test is marked `each_case`: an example is a test with a case for each
operation.
"""

from collections.abc import Iterable

import pytest

FIXTURE = "stores"


def mark_others_wide(items: Iterable[pytest.Item]) -> None:
    """Marks each case of a test that fills a store as `wide`, except the first case of the test on each store."""
    seen: set[tuple[str, str]] = set()
    for item in items:
        if FIXTURE not in getattr(item, "fixturenames", ()) or item.get_closest_marker("each_case"):
            continue
        if any(item.iter_markers("wide")) or any(item.iter_markers("long")) or any(item.iter_markers("system")):
            continue
        case = item.nodeid.partition("[")[0], str(_store_of(item))
        if case in seen:
            item.add_marker("wide")
        seen.add(case)


def _store_of(item: pytest.Item) -> object:
    call = getattr(item, "callspec", None)
    return call.params.get(FIXTURE) if call else None
