"""What a reader chose last of a list, its filter and its order: kept as codes, until the session ends.

In the browser, sealed (`sealed_cookies.py`): in no table and no log. What names a user or a case is never among it.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import urlencode

from api.pages.frame import Page, Reply
from api.pages.sealed_cookies import keep, kept

Codes = Container[str] | type[Enum]
KEPT = "choices"
ORDER = "order"


@dataclass(frozen=True, slots=True)
class Chosen:
    """The choices of a list, by name, each a code; a template has them as `chosen.status`."""

    page: str
    values: Mapping[str, str]
    usual: Mapping[str, str] = field(default_factory=dict)
    """What counts where nothing was chosen; of others: empty."""

    def __getitem__(self, name: str) -> str:
        return self.values[name]

    @property
    def differing(self) -> dict[str, str]:
        return {name: value for name, value in self.values.items() if value != self.usual.get(name, "")}

    @property
    def narrowed(self) -> dict[str, str]:
        """The filter that is on; empty: none is."""
        return {name: value for name, value in self.differing.items() if name != ORDER}

    @property
    def whole(self) -> str:
        """The address of the list without a filter, in the same order."""
        without = {name: value if name == ORDER else self.usual.get(name, "") for name, value in self.values.items()}
        return f"{self.page}?{urlencode(without)}"

    def at(self, **others: object) -> str:
        """The address of the list as it is, but for these."""
        return f"{self.page}?{urlencode({**self.values, **others})}"


def said(request: Page, page: str, names: Iterable[str]) -> Mapping[str, str]:
    """What the address says of a list; where it says nothing of it, what was chosen last."""
    explicit = {name: request.query_params[name] for name in names if name in request.query_params}
    return explicit or _known(request).get(page, {})


def one_of(allowed: Codes, value: str | None, usual: str = "") -> str:
    """The value, or what is usual where it is not allowed (any more)."""
    codes = {str(one.value) for one in allowed} if isinstance(allowed, type) else allowed
    return value if value is not None and (value in codes or value == "") else usual


def chosen_of(request: Page, page: str, allowed: Mapping[str, Codes], usual: Mapping[str, str]) -> Chosen:
    """What is chosen of a list. `allowed`: for each choice its codes; empty is all, and no order is the usual one."""
    known = said(request, page, allowed)
    values = {name: one_of(codes, known.get(name), usual.get(name, "")) for name, codes in allowed.items()}
    if not values[ORDER]:
        values[ORDER] = usual[ORDER]
    return Chosen(page, values, usual)


def remember(request: Page, answer: Reply, chosen: Chosen) -> None:
    """Keeps what was chosen of this list, in the place of what was kept of it before."""
    known = _known(request)
    others = {page: values for page, values in known.items() if page != chosen.page}
    fresh = others | ({chosen.page: chosen.differing} if chosen.differing else {})
    if fresh != known:
        keep(request, answer, KEPT, fresh)


def _known(request: Page) -> dict[str, dict[str, str]]:
    return kept(request, KEPT) or {}
