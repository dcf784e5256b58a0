"""Writes the table of states into docs/guide/tasks.md: `python -m tests.support.states_table`."""

from placement.tasks.states import STATES, StateRow
from tests.support.paths import ROOT

PAGE = ROOT / "docs" / "guide" / "tasks.md"
BEGIN, END = "<!-- made by: python -m tests.support.states_table -->\n", "<!-- end of what is made -->\n"


def line(part: str, state: str, row: StateRow) -> str:
    tasks = ", ".join(f"`{kind.value}`" for kind in row.tasks)
    if row.rest is None:
        return f"| {part} | `{state}` | {tasks} | {f'over: {row.over}' if row.over else 'always a task'} | |"
    return f"| {part} | `{state}` | {tasks} | {row.rest.event} | {row.rest.latest} |"


def table() -> str:
    lines = ["| part | state | task | nobody has to act until | at the latest |", "|---|---|---|---|---|"]
    for part, rows in STATES.items():
        lines += [line(part.__name__.removesuffix("Status").lower(), state.value, row) for state, row in rows.items()]
    return "\n".join(lines)


def with_states(page: str) -> str:
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{table()}\n\n{END}{after}"


if __name__ == "__main__":
    PAGE.write_text(with_states(PAGE.read_text()))
