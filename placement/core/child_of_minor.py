"""The code of a need that the service gives the engine beside the specialisms: admission of a minor's child."""

import re
from typing import NamedTuple

_CODE = re.compile(r"(child|boy)_of_(\d+)")


class OwnChild(NamedTuple):
    """A child of a minor, with the facts that a unit's limits use."""

    age: int
    boy: bool

    @property
    def kind(self) -> str:
        return "boy" if self.boy else "child"

    @property
    def code(self) -> str:
        return f"{self.kind}_of_{self.age}"


def named(code: object) -> OwnChild | None:
    """Returns the child that a code of this need describes; `None` for the code of any other need."""
    found = _CODE.fullmatch(code) if isinstance(code, str) else None
    return OwnChild(int(found[2]), found[1] == "boy") if found else None
