"""Blocking causes: for each waiting registration, the engine's reason why it has no place. The functions are pure, and
run in a separate process.
"""

from collections import Counter
from collections.abc import Iterable

import msgspec
from msgspec import Struct

from matching import EngineFault, Explanation, Problem, bottlenecks, explain_all, match
from placement.core.place_codes import NEVER_REPORTED
from placement.reports.engine_needs import SEVERAL_CHANGES, EngineNeeds, engine_needs
from placement.reports.inputs import Extra

CAPACITY, SEVERAL, DECISION, NO_SCHEME, UNKNOWN = "capacity", SEVERAL_CHANGES, "decision", "no_scheme", "unknown"
ROOMS = "rooms"
_MOST_EXTRAS = 5


class BlockingCauses(Struct, frozen=True):
    """Blocking causes. `causes`: for each registration, the code of a rule, or a code such as `CAPACITY`. `extras`: the
    additional places that would help most. `needs`: the engine's part of the ledger of need.
    """

    causes: dict[str, str]
    extras: tuple[Extra, ...]
    needs: EngineNeeds | None = None


def blocking_causes(problem: Problem, seconds: float) -> BlockingCauses:
    """Returns the blocking causes, within about three times `seconds`. Leaves out the extras if the engine could not
    prove in time that they are the best.
    """
    solution = match(problem, time_limit=seconds / 2)
    placed = {row.registration for row in solution.placements}
    causes = {
        explanation.registration: DECISION if explanation.registration in placed else _cause(explanation)
        for explanation in explain_all(problem)
    }
    try:
        found = bottlenecks(problem, top=_MOST_EXTRAS, time_limit=seconds / 2).bottlenecks
    except EngineFault:
        found = ()
    barred = [name for name, cause in causes.items() if cause not in {CAPACITY, DECISION}]
    needs = engine_needs(problem, barred, seconds)
    return BlockingCauses(causes, tuple(Extra(row.unit, row.extra, len(row.serves)) for row in found), needs)


def with_missing_counts(found: BlockingCauses, waiting_for_count: Iterable[str]) -> BlockingCauses:
    """Returns the causes. `waiting_for_count`: registrations to which a unit could be open after its first count. Their
    cause becomes `never_reported`, unless a place is proposed for them.
    """
    named = {one: NEVER_REPORTED for one in waiting_for_count if found.causes.get(one, DECISION) != DECISION}
    return msgspec.structs.replace(found, causes=found.causes | named)


def _cause(explanation: Explanation) -> str:
    """Returns the rule that alone closes the most units; of several such rules, the first by name. Returns `CAPACITY`
    if a unit is open but full, and `SEVERAL` if each unit is closed by more than one rule.
    """
    if any(unit.allowed for unit in explanation.units):
        return CAPACITY
    alone = Counter(unit.broken[0].rule for unit in explanation.units if len(unit.broken) == 1)
    if not alone:
        return SEVERAL
    rule = min(alone, key=lambda code: (-alone[code], code))
    return CAPACITY if rule == ROOMS else rule


def write_blocking_causes(found: BlockingCauses) -> bytes:
    return msgspec.json.encode(found)


def read_blocking_causes(written: bytes) -> BlockingCauses:
    return msgspec.json.decode(written, type=BlockingCauses)
