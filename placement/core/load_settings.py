"""The settings of admission: how much of each kind of work a web process takes on, and an account may ask for."""

import os

from pydantic import BaseModel, ConfigDict

from placement.core.setting_fields import Count, variable

_MANY = "many users"


def _cores_less_one() -> int:
    """Returns the default number of engines: a core stays free for callers; a container may have fewer cores."""
    return max(1, len(os.sched_getaffinity(0)) - 1)


class LoadSettings(BaseModel):
    """Figures are assumed: a Python process on two cores is not faster with more at once."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, use_attribute_docstrings=True)

    reads_at_once: Count = variable("PLACEMENT_READS", 6, _MANY)
    """How many reads a web process carries out at once; others [wait](../guide/operation.md#admission-control)."""
    writes_at_once: Count = variable("PLACEMENT_WRITES", 4, _MANY)
    """How many writes."""
    slow_reads_at_once: Count = variable("PLACEMENT_SLOW_READS", 2, _MANY)
    """How many slow reads: the shortage, previews, effects, reports, exports."""
    proposals_at_once: Count = variable("PLACEMENT_PROPOSALS", 4, _MANY)
    """How many proposals, those that wait for an engine among them."""
    engines: Count = variable("PLACEMENT_ENGINES", _cores_less_one, _MANY, shown="cores - 1, at least 1")
    """How many [engine processes](../guide/solver.md#engine-processes) a machine has, for all who ask."""
    passwords_at_once: Count = variable("PLACEMENT_PASSWORDS", 2, _MANY)
    """How many passwords are hashed, each on a core of its own."""
    live_pages: Count = variable("PLACEMENT_LIVE_PAGES", 500, _MANY)
    """How many open pages a web process keeps live; further pages must connect again later."""
    waiting: Count = variable("PLACEMENT_WAITING", 200, _MANY)
    """How many more of each kind wait in line in a web process, before the last is refused."""
    proposals_a_minute: Count = variable("PLACEMENT_PROPOSALS_A_MINUTE", 120, _MANY)
    """How many proposals one account may ask for within a minute, of all processes together."""
    slow_reads_a_minute: Count = variable("PLACEMENT_SLOW_READS_A_MINUTE", 120, _MANY)
    """How many slow reads."""
