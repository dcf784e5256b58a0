"""Settings of admission control: limits on the work of a web process and the requests of an account."""

import os

from pydantic import BaseModel, ConfigDict

from placement.core.setting_fields import Count, variable

_MANY = "many users"


def _cores_less_one() -> int:
    """Returns the default number of engine processes: the available cores minus 1, at least 1. The other core stays
    free for callers.
    """
    return max(1, len(os.sched_getaffinity(0)) - 1)


class LoadSettings(BaseModel):
    """Limits of admission control. The figures are assumed: on two cores, more work at the same time makes no process
    faster.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, use_attribute_docstrings=True)

    reads_at_once: Count = variable("PLACEMENT_READS", 6, _MANY)
    """The number of reads at once in a web process; others [wait](../guide/operation.md#admission-control)."""
    writes_at_once: Count = variable("PLACEMENT_WRITES", 4, _MANY)
    """The number of writes at once in a web process."""
    slow_reads_at_once: Count = variable("PLACEMENT_SLOW_READS", 2, _MANY)
    """The number of slow reads at once in a web process: the shortage, previews, effects, reports, exports."""
    proposals_at_once: Count = variable("PLACEMENT_PROPOSALS", 4, _MANY)
    """The number of proposals in progress at once in a web process, including those that wait for an engine."""
    engines: Count = variable("PLACEMENT_ENGINES", _cores_less_one, _MANY, shown="cores - 1, at least 1")
    """The number of [engine processes](../guide/solver.md#engine-processes) of a machine, for all its web processes."""
    passwords_at_once: Count = variable("PLACEMENT_PASSWORDS", 2, _MANY)
    """The number of passwords that a web process hashes at once; each occupies a core."""
    live_pages: Count = variable("PLACEMENT_LIVE_PAGES", 500, _MANY)
    """The number of open pages that a web process updates live; further pages must try again later."""
    waiting: Count = variable("PLACEMENT_WAITING", 200, _MANY)
    """The number of further requests of each kind in a web process's queue; beyond that, requests are refused."""
    proposals_a_minute: Count = variable("PLACEMENT_PROPOSALS_A_MINUTE", 120, _MANY)
    """The number of proposals that an account may request per minute, counted over all processes."""
    slow_reads_a_minute: Count = variable("PLACEMENT_SLOW_READS_A_MINUTE", 120, _MANY)
    """The number of slow reads that an account may request per minute, counted over all processes."""
