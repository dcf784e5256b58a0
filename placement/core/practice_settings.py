"""Settings of a practice room, and the settings that its processes get from the real service."""

from pydantic import BaseModel, ConfigDict

from placement.core.setting_fields import DatabaseUrl, Switch, variable


class PracticeSettings(BaseModel):
    """The setting that marks a practice room, and the database of the practice room beside this installation."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, use_attribute_docstrings=True)

    practice: Switch = variable(
        "PLACEMENT_PRACTICE", False, "a practice room", shown="`no`; `yes` in what `placement practice start` serves"
    )
    """`yes`: this installation is a [practice room](../guide/practice.md), and can reach nothing outside."""
    practice_database: DatabaseUrl = variable(
        "PLACEMENT_PRACTICE_DATABASE",
        "",
        "a practice room on PostgreSQL",
        shown="`var/practice/placement.db`",
        secret=True,
    )
    """The address of the practice room's own database, which `placement practice` empties."""
