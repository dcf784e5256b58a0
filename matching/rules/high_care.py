"""A unit takes no more high-care registrations than it says it can take now."""

from typing import TYPE_CHECKING

from matching.index import Index
from matching.problem import Registration, Unit
from matching.solution import Facts

if TYPE_CHECKING:
    from matching.model import Draft  # imports ortools, which only solving needs


class HighCareRule:
    code = "high_care"

    def broken(self, index: Index, registration: Registration, unit: Unit) -> Facts | None:
        if not registration.high_care or unit.high_care_limit is None:
            return None
        others = sum(other.high_care for other in index.fixed_in(unit.id, without=registration.id))
        return {"limit": unit.high_care_limit} if others + 1 > unit.high_care_limit else None

    def constrain(self, draft: "Draft") -> None:
        for unit in draft.index.units.values():
            if unit.high_care_limit is not None:
                draft.at_most(unit.high_care_limit, draft.high_care_in(unit.id))
