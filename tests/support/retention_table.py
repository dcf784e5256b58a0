"""Writes the retention schedule into docs/reference/retention.md: `python -m tests.support.retention_table`."""

from collections.abc import Iterator

from placement.retention.kinds import Kind
from placement.retention.schedule import SCHEDULE
from placement.retention.schedule_text import in_words
from placement.text.catalogue import SOURCE
from tests.support.paths import ROOT

PAGE = ROOT / "docs" / "reference" / "retention.md"
BEGIN, END = "<!-- made by: python -m tests.support.retention_table -->\n", "<!-- end of what is made -->\n"


def with_table(page: str) -> str:
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}{table()}{END}{after}"


def table() -> str:
    return "\n".join((*_rows(), ""))


def _rows() -> Iterator[str]:
    yield "| kind | what | kept, in days | since it was | then | why |"
    yield "|---|---|---|---|---|---|"
    for kind in SCHEDULE:
        what, since, why = in_words(kind, SOURCE)
        yield f"| `{kind.name}` | {what} | {_term(kind)} | {since} | `{kind.fate}` | {why} |"


def _term(kind: Kind) -> str:
    return "" if kind.term is None else f"{kind.term.days}{' (assumed)' if kind.assumed else ''}"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text()))
