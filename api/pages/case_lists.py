"""Next and previous case: a page that lists cases keeps their references in the browser, in their order.

So a case that has left its list since still has a next one, and no address says how a list was filtered.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from litestar import Response

from api.pages.frame import Page
from api.pages.sealed_cookies import keep, kept

KEPT = "lists"
MOST = 50
"""Cases of one list, and three times as many of all."""


@dataclass(frozen=True, slots=True)
class Between:
    """Where a case is in the list that the reader came from. `name`: of the list, a code."""

    name: str
    page: str
    number: int
    of: int
    before: str | None
    after: str | None


def remember(request: Page, answer: Response[Any], page: str, lists: Mapping[str, Iterable[str | None]]) -> None:
    """`page`: the address of the lists. Where there is one alone, the cases that follow are those of that list."""
    known = _known(request)
    found = {name: [page, [*dict.fromkeys(one for one in ids if one)][:MOST]] for name, ids in lists.items()}
    fresh = found | {name: one for name, one in known["of"].items() if name not in found}
    while sum(len(ids) for _, ids in fresh.values()) > 3 * MOST:
        fresh.popitem()
    at = next(iter(found)) if len(found) == 1 else known["at"]
    if (at, fresh) != (known["at"], known["of"]):
        keep(request, answer, KEPT, {"at": at, "of": fresh})


def between(request: Page, case: str, chosen: str = "") -> Between | None:
    """None: the case is in no list that the reader saw. `chosen`: the list that the link named."""
    known = _known(request)
    name = chosen if chosen in known["of"] else known["at"]
    page, ids = known["of"].get(name, ("", []))
    if case not in ids:
        return None
    at = ids.index(case)
    after = ids[at + 1] if at + 1 < len(ids) else None
    return Between(name, page, at + 1, len(ids), ids[at - 1] if at else None, after)


def go_on_in(request: Page, answer: Response[Any], chosen: str) -> None:
    """Keeps which list the reader goes through."""
    known = _known(request)
    if chosen in known["of"] and chosen != known["at"]:
        keep(request, answer, KEPT, known | {"at": chosen})


def _known(request: Page) -> dict[str, Any]:
    return kept(request, KEPT) or {"at": "", "of": {}}
