"""Writes the tables of states and of missing parts into docs/guide/tasks.md: `python -m tests.support.states_table`."""

from placement.tasks.set_up import Missing
from placement.tasks.states import STATES, StateRow
from placement.text.catalogue import SOURCE, translations
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


def missing_table() -> str:
    words = translations(SOURCE).pgettext
    lines = ["| code | what is missing | who can add it | page |", "|---|---|---|---|"]
    for part in Missing:
        who = ", ".join(sorted(f"`{role}`" for role in part.done_by)) or "the operator"
        lines.append(f"| `{part}` | {words('set_up', part)} | {who} | {f'`{part.page}`' if part.page else ''} |")
    return "\n".join(lines)


def with_tables(page: str) -> str:
    before, *parts = page.split(BEGIN)
    made = zip((table(), missing_table()), (part.split(END)[1] for part in parts), strict=True)
    return before + "".join(f"{BEGIN}\n{rows}\n\n{END}{after}" for rows, after in made)


if __name__ == "__main__":
    PAGE.write_text(with_tables(PAGE.read_text()))
