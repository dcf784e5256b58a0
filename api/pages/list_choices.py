"""A reader's last filter and order of a list. They are codes, stored encrypted in the browser until the session ends
(`sealed_cookies.py`), and in no table or log. They never contain a user or a case.
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
    """The choices of a list by name. Templates use them as `chosen.status`."""

    page: str
    values: Mapping[str, str]
    usual: Mapping[str, str] = field(default_factory=dict)
    """The default of each choice. A choice that is not here is empty by default."""

    def __getitem__(self, name: str) -> str:
        return self.values[name]

    @property
    def differing(self) -> dict[str, str]:
        return {name: value for name, value in self.values.items() if value != self.usual.get(name, "")}

    @property
    def narrowed(self) -> dict[str, str]:
        """The filters that are set."""
        return {name: value for name, value in self.differing.items() if name != ORDER}

    @property
    def whole(self) -> str:
        """The address of the list without filters, in the same order."""
        without = {name: value if name == ORDER else self.usual.get(name, "") for name, value in self.values.items()}
        return f"{self.page}?{urlencode(without)}"

    def at(self, **others: object) -> str:
        """Returns the address of the list with some choices changed."""
        return f"{self.page}?{urlencode({**self.values, **others})}"


def said(request: Page, page: str, names: Iterable[str]) -> Mapping[str, str]:
    """Returns the choices in the URL, or else the stored choices."""
    explicit = {name: request.query_params[name] for name in names if name in request.query_params}
    return explicit or _known(request).get(page, {})


def one_of(allowed: Codes, value: str | None, usual: str = "") -> str:
    """Returns the value if it is allowed, otherwise the default."""
    codes = {str(one.value) for one in allowed} if isinstance(allowed, type) else allowed
    return value if value is not None and (value in codes or value == "") else usual


def chosen_of(request: Page, page: str, allowed: Mapping[str, Codes], usual: Mapping[str, str]) -> Chosen:
    """Returns the choices of a list. `allowed`: the codes of each choice. Empty means all, or the default order."""
    known = said(request, page, allowed)
    values = {name: one_of(codes, known.get(name), usual.get(name, "")) for name, codes in allowed.items()}
    if not values[ORDER]:
        values[ORDER] = usual[ORDER]
    return Chosen(page, values, usual)


def remember(request: Page, answer: Reply, chosen: Chosen) -> None:
    """Stores the choices of this list in the browser."""
    known = _known(request)
    others = {page: values for page, values in known.items() if page != chosen.page}
    fresh = others | ({chosen.page: chosen.differing} if chosen.differing else {})
    if fresh != known:
        keep(request, answer, KEPT, fresh)


def _known(request: Page) -> dict[str, dict[str, str]]:
    return kept(request, KEPT) or {}
