"""Writes the findings of the doctor into docs/reference/findings.md: `python -m tests.support.findings_table`."""

import re
from collections.abc import Iterator

from placement.doctor.findings import Found, Level
from placement.text.catalogue import SOURCE, translations
from tests.support.paths import ROOT

PAGE = ROOT / "docs" / "reference" / "findings.md"
BEGIN, END = "<!-- made by: python -m tests.support.findings_table -->\n", "<!-- end of what is made -->\n"
_FACT = re.compile(r"\{(\w+)\}")


def with_table(page: str) -> str:
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}{table()}{END}{after}"


def table() -> str:
    return "\n".join((*_rows(), ""))


def _rows() -> Iterator[str]:
    yield "| check | how bad | finding | what is found | next step |"
    yield "|---|---|---|---|---|"
    for one in Found:
        if one.level is not Level.WELL:
            words = (
                _text("doctor.check", one.area),
                one.level,
                f"`{one}`",
                _text("doctor", one),
                _text("doctor.how", one),
            )
            yield f"| {' | '.join(words)} |"


def _text(context: str, code: str) -> str:
    """Returns the English words, with each fact by its name."""
    return _FACT.sub(r"*\1*", translations(SOURCE).pgettext(context, str(code)))


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text()))
