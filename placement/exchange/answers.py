"""The sender's answers to questions about a file: the meaning of its sheets, headings, cells and marks.

An answer is a text. `Overzicht=rooms` gives the meaning of a sheet. `Overzicht!C4=beds` gives the meaning of a heading.
An empty meaning leaves the column out: `Overzicht!D4=`. Answers about cells and marks begin with the name of the
question: `Overzicht?E9=4`, `Overzicht?struck=-`.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from placement.core.errors import Fault, Invalid
from placement.exchange.cell_vocabulary import plain
from placement.exchange.grid import number_of
from placement.exchange.mapping import LEFT_OUT
from placement.exchange.sheets import MEANT

_ASKED = re.compile(r"(?P<sheet>.*)\?(?P<about>[^?]{1,200})", re.DOTALL)
_AT_CELL = re.compile(r"(?P<sheet>.*)!(?P<letters>[A-Z]{1,3})(?P<row>[1-9]\d{0,6})", re.DOTALL)


@dataclass(slots=True)
class SheetAnswer:
    """The answers about a sheet of a file. `sheet`: the service's sheet; `None`: the sheet that was recognised.
    `columns`: the service's columns by row and column of the heading. `asked`: all other answers, by the name of the
    question without the name of the sheet.
    """

    sheet: str | None = None
    columns: dict[tuple[int, int], str] = field(default_factory=dict)
    asked: dict[str, str] = field(default_factory=dict)
    headings: dict[str, str] = field(default_factory=dict)
    """The service's column by the heading in plain form (`plain`), in a sheet with several tables."""

    def row_within(self, rows: int) -> int | None:
        """Returns the first row (from 0) of the sheet with a heading that an answer names; `None` if it has no such
        row.
        """
        return min((row - 1 for row, _ in self.columns if row <= rows), default=None)


Answers = Mapping[str, SheetAnswer]
"""Answers by the name of the sheet in the file, in plain form (`plain`)."""


def read_answers(means: Iterable[str]) -> Answers:
    """Reads the answers. Raises `Invalid` for each answer that cannot be interpreted."""
    found: defaultdict[str, SheetAnswer] = defaultdict(SheetAnswer)
    faults = []
    for one in means:
        place, sign, name = one.rpartition("=")
        asked, at = _ASKED.fullmatch(place), _AT_CELL.fullmatch(place)
        if asked is not None:
            found[plain(asked["sheet"])].asked[asked["about"]] = name
            known = {name}
        elif at is not None:
            known = {LEFT_OUT, *(column.name for sheet in MEANT.values() for column in sheet.columns)}
            found[plain(at["sheet"])].columns[int(at["row"]), number_of(at["letters"])] = name
        else:
            known = {LEFT_OUT, *MEANT}
            found[plain(place)].sheet = name
        if not sign or name not in known:
            faults.append(Fault("means", "import_answer_unknown", {"found": one}))
    if faults:
        raise Invalid(faults)
    return dict(found)
