"""Writes the table of settings into docs/reference/settings.md: `python -m tests.support.settings_table`."""

from collections.abc import Iterator
from datetime import time, timedelta
from typing import Any

from placement.core.setting_limits import NOT_ABOVE, limit_shown
from placement.core.settings import Environment, variable_of
from tests.support.paths import ROOT

PAGE = ROOT / "docs" / "reference" / "settings.md"
BEGIN, END = "<!-- made by: python -m tests.support.settings_table -->\n", "<!-- end of what is made -->\n"


def with_table(page: str) -> str:
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}{table()}{END}{after}"


def table() -> str:
    return "\n".join((*_rows(), ""))


def _rows() -> Iterator[str]:
    yield "| variable | meaning | what it may be | default | needed for |"
    yield "|---|---|---|---|---|"
    defaults = Environment.model_construct()
    for name, field in Environment.model_fields.items():
        notes: Any = field.json_schema_extra
        meaning = " ".join(str(field.description).split())
        default = notes["shown"] or shown(getattr(defaults, name))
        yield f"| `{field.validation_alias}` | {meaning} | {_allowed(name)} | {default} | {notes['needed for']} |"


def _allowed(name: str) -> str:
    """Returns the values that the service accepts, in the words of its refusal, and the limit of the setting."""
    words = [
        words.removeprefix("be ").replace("begin with", "what begins with")
        for words in Environment.model_fields[name].metadata
        if isinstance(words, str)
    ]
    limits = [limit_shown(most, lambda other: f"`{variable_of(other)}`") for most in NOT_ABOVE.get(name, ())]
    return "; ".join([*words, *(f"at most {limit}" for limit in limits)]) or "text"


def shown(value: object) -> str:
    """Formats a default as a value of the environment."""
    if isinstance(value, timedelta):
        return f"{value / timedelta(hours=1):g}"
    if isinstance(value, bool):
        return "`yes`" if value else "`no`"
    if isinstance(value, frozenset):  # sorted: the order of a set changes with each process
        return f"`{' '.join(map(str, sorted(value)))}`" if value else "none"
    if isinstance(value, tuple):
        between = "-" if all(isinstance(part, int) for part in value) else ","
        return f"`{between.join(_part(part) for part in value)}`" if value else "none"
    return str(value) if isinstance(value, int) else f"`{value}`" if str(value) else "none"


def _part(part: object) -> str:
    return part.isoformat("minutes") if isinstance(part, time) else str(part)


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text()))
