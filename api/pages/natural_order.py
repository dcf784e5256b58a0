"""The natural order of names: `Room 2` before `Room 10`."""

import re
from collections.abc import Iterable
from typing import Protocol, TypeVar

_DIGITS = re.compile(r"(\d+)")


class Named(Protocol):
    @property
    def name(self) -> str: ...


Place = TypeVar("Place", bound=Named)


def by_name(places: Iterable[Place]) -> list[Place]:
    return sorted(places, key=lambda one: _parts(one.name))


def _parts(name: str) -> list[tuple[int, str]]:
    """Splits a name into words and numbers. Numbers are compared by value."""
    return [(int(part), "") if part.isdecimal() else (0, part.casefold()) for part in _DIGITS.split(name)]
