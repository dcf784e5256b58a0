"""The code of a special need: a minor needs a unit that also admits the minor's own child. The service gives this code
to the engine in addition to the specialisms.
"""

import re
from typing import NamedTuple

_CODE = re.compile(r"(child|boy)_of_(\d+)")


class OwnChild(NamedTuple):
    """A child of a minor, with the facts to which a unit's limits apply."""

    age: int
    boy: bool

    @property
    def kind(self) -> str:
        return "boy" if self.boy else "child"

    @property
    def code(self) -> str:
        return f"{self.kind}_of_{self.age}"


def named(code: object) -> OwnChild | None:
    """Returns the child that this code describes. Returns `None` for the code of any other need."""
    found = _CODE.fullmatch(code) if isinstance(code, str) else None
    return OwnChild(int(found[2]), found[1] == "boy") if found else None
