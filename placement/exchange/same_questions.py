"""Equal questions about several sheets of a file. The sender answers once, and the answer is used for all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from placement.exchange.answers import SheetAnswer
from placement.exchange.cell_vocabulary import plain
from placement.exchange.grid import Finding, number_of
from placement.exchange.overview import Overview
from placement.exchange.values import as_text

_HEADING = "heading"
_OF_SHEETS = frozenset(
    {"import_ask_scheme_of", "import_ask_struck", "import_ask_hidden_rows", "import_ask_fills", "import_ask_bed_rows"}
)
"""The questions about a whole sheet whose answer is used for every sheet of the file."""
_OF_WORDS = frozenset(
    {
        *("import_ask_people", "import_ask_children", "import_ask_until_age", "import_ask_telephone", "import_ask_day"),
        *("import_ask_town", "import_ask_unknown_town", "import_ask_hidden_column"),
    }
)
"""The questions about a text, which has the same meaning in every sheet of the file."""
_Key = tuple[str, ...]


def copy_of(answer: SheetAnswer) -> SheetAnswer:
    return SheetAnswer(answer.sheet, dict(answer.columns), dict(answer.asked))


def _key(one: Finding) -> _Key | None:
    """Returns the key that equal questions about different sheets share; `None` if each sheet needs its own answer."""
    if one.about.startswith("!"):
        return _HEADING, plain(str(one.facts.get("found", "")))
    if one.code in _OF_SHEETS:
        return (one.code,)
    return (one.code, plain(str(one.facts.get("found", "")))) if one.code in _OF_WORDS else None


def asked_once(findings: Sequence[Finding]) -> list[Finding]:
    """Returns the findings. A question that was already asked about an earlier sheet gets that question's name."""
    first: dict[_Key, Finding] = {}
    shown = []
    for one in findings:
        key = _key(one) if one.choices else None
        earlier = one if key is None else first.setdefault(key, one)
        shown.append(one if earlier is one or earlier.sheet == one.sheet else replace(one, asked_as=earlier.question))
    return shown


def answered_elsewhere(lists: Sequence[Overview], answers: Mapping[str, SheetAnswer]) -> bool:
    """Answers questions with the answers to equal questions about other sheets. Returns true if an answer was added."""
    known: dict[_Key, str] = {key: answer for one in lists for key, answer in _answers_of(one, answers)}
    added = False
    for one in lists:
        own = answers[plain(one.name)]
        for finding in one.findings:
            key = _key(finding) if finding.choices else None
            if key is None or key not in known:
                continue
            column = finding.about.lstrip("!").rstrip("0123456789")
            if key[0] == _HEADING:
                place = int(finding.about[1 + len(column) :]), number_of(column)
                added = added or place not in own.columns
                own.columns.setdefault(place, known[key])
            else:
                added = added or finding.about not in own.asked
                own.asked.setdefault(finding.about, known[key])
    return added


def _answers_of(one: Overview, answers: Mapping[str, SheetAnswer]) -> Iterable[tuple[_Key, str]]:
    yield from one.answered.items()
    for (row, number), name in answers[plain(one.name)].columns.items():
        cells = one.grid.rows[row - 1] if row <= len(one.grid.rows) else ()
        if number <= len(cells):
            yield (_HEADING, plain(as_text(cells[number - 1]))), name
