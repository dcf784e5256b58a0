"""Links to the next and previous case of a list. The browser stores the references of the list in their order. So a
case that has left the list still has a next case, and no URL contains a filter.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from api.http.connections import AnyResponse
from api.pages.frame import Page
from api.pages.sealed_cookies import keep, kept

KEPT = "lists"
MOST = 50
"""How many cases are stored for a list. For all lists together, three times as many are stored."""


@dataclass(frozen=True, slots=True)
class Between:
    """The position of a case in a list. `name`: the code of the list."""

    name: str
    page: str
    number: int
    of: int
    before: str | None
    after: str | None


def remember(request: Page, answer: AnyResponse, page: str, lists: Mapping[str, Iterable[str | None]]) -> None:
    """Stores the lists of a page in the browser. `page`: the address of the page. If the page has only one list, *next*
    and *previous* use that list from now on.
    """
    known = _known(request)
    found = {name: [page, [*dict.fromkeys(one for one in ids if one)][:MOST]] for name, ids in lists.items()}
    fresh = found | {name: one for name, one in known["of"].items() if name not in found}
    while sum(len(ids) for _, ids in fresh.values()) > 3 * MOST:
        fresh.popitem()
    at = next(iter(found)) if len(found) == 1 else known["at"]
    if (at, fresh) != (known["at"], known["of"]):
        keep(request, answer, KEPT, {"at": at, "of": fresh})


def between(request: Page, case: str, chosen: str = "") -> Between | None:
    """Returns a case's position in the list `chosen`, or else in the list that *next* and *previous* use. Returns
    `None` if the list does not contain the case.
    """
    known = _known(request)
    name = chosen if chosen in known["of"] else known["at"]
    page, ids = known["of"].get(name, ("", []))
    if case not in ids:
        return None
    at = ids.index(case)
    after = ids[at + 1] if at + 1 < len(ids) else None
    return Between(name, page, at + 1, len(ids), ids[at - 1] if at else None, after)


def go_on_in(request: Page, answer: AnyResponse, chosen: str) -> None:
    """Makes *next* and *previous* use this list."""
    known = _known(request)
    if chosen in known["of"] and chosen != known["at"]:
        keep(request, answer, KEPT, known | {"at": chosen})


def _known(request: Page) -> dict[str, Any]:
    return kept(request, KEPT) or {"at": "", "of": {}}
