"""The register of processing (GDPR, article 30). It is generated from the tables, with a row for each column and its
protection. Facts of registrations and profiles have their description in the code. For all other columns, the
description is in `processing.toml`. Everything else is read from the tables and the schedule.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from sqlalchemy import Column
from sqlmodel import SQLModel

from placement.crypto.encrypted_columns import Encrypted, Sealed
from placement.crypto.pseudonyms import Pseudonym
from placement.retention.schedule import kind_named
from placement.retention.schedule_text import in_words
from placement.tables import Registration
from placement.tables.facts import FACTS, PROFILE_FACTS
from placement.text.catalogue import SOURCE

_OF_TABLE = {"purpose", "ground", "kept"}
_OF_RECORD = {name: f"content.{name}" for name in sorted(Registration.record.model_fields)}
"""The parts of a registration's sealed record, with their names in this register."""
_HEADINGS = ("table", "column", "what it is", "whose", "purpose", "ground", "kept", "encrypted with")


@dataclass(frozen=True, slots=True)
class Described:
    """The description of a column. `kept`: the name of a kind in the retention schedule; may be empty."""

    what: str
    whose: str
    purpose: str
    ground: str
    kept: str


@cache
def described() -> dict[tuple[str, str], Described]:
    """Returns the descriptions by table and column."""
    written: dict[str, dict[str, Any]] = tomllib.loads(files("placement").joinpath("processing.toml").read_text())
    for table, facts in (("registration", FACTS), ("unit", PROFILE_FACTS)):
        written[table] |= {
            _OF_RECORD[name] if table == "registration" and name in _OF_RECORD else name: [
                fact.what,
                fact.whose,
                fact.kept,
            ]
            for name, fact in facts.items()
        }
    return {
        (name, column): Described(row[0], row[1], table["purpose"], table["ground"], [*row, table["kept"]][2])
        for name, table in written.items()
        for column, row in table.items()
        if column not in _OF_TABLE
    }


def register() -> str:
    """Returns the register as Markdown: a row for each column, and for each part of a sealed record.

    Raises `KeyError` for a column without a description.
    """
    lines = [_line(_HEADINGS), _line("---" for _ in _HEADINGS)]
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            in_record = _OF_RECORD.values() if (table.name, column.name) == ("registration", "content") else ()
            for name in (column.name, *in_record):
                row = described()[table.name, name]
                words = row.what, row.whose, row.purpose, row.ground
                lines.append(_line((table.name, name, *words, _term(row.kept), key_of(column))))
    return "\n".join(lines)


_OF_CASE, _OF_PROPOSAL = "the registration's key", "the proposal's key"
_KEY_OF_OWNER = {"case_key": _OF_CASE, "registration_id": _OF_CASE, "proposal_id": _OF_PROPOSAL}
_KEY_OF_TABLE = {
    **dict.fromkeys(("countrylook", "dailyreport", "needrecord", "roomreport"), "the key of counts and reports"),
    **dict.fromkeys(("message", "reminder", "tasknotice"), "the key of messages"),
    "countinbox": "the key of the count register",
    "countrelease": "the key of releases of counts",
    "countrecord": "the key of a year of the count register",
    "factchange": "the key of the change",
    "registrationlink": "the key of the link",
    "auditoddity": "the note's key",
    "enquiry": "the key of the notes of the day",
    "eventmember": "the member's key",
    "eventplan": "the plan's key",
    "frozenproblem": "the frozen problem's key",
    "idempotentrequest": "the key of the day",
    "massevent": "the event's key",
    "openimport": "the import's key",
    "proposal": _OF_PROPOSAL,
    "sentregistration": "the key of what was sent in",
}
"""The names of the keys of tables whose sealed columns do not use the key of a case."""


def key_of(column: Column[object]) -> str:
    """Returns the name of a column's key; `-` if it is not encrypted. Raises `KeyError` for a key without a name."""
    if not isinstance(column.type, Sealed):
        if isinstance(column.type, Encrypted):
            return "the service's key"
        if isinstance(column.type, Pseudonym):
            return "the key of pseudonyms"
        return "the log's key" if column.name == "cipher" else "-"
    return _KEY_OF_OWNER.get(column.type.owner) or _KEY_OF_TABLE[column.table.name]


def _term(name: str) -> str:
    if not name:
        return "-"
    kind = kind_named(name)
    _, since, why = in_words(kind, SOURCE)
    if kind.term is None:
        return f"kept: {why}"
    return f"{kind.term.days} days after {since}{' (assumed)' if kind.assumed else ''}: {kind.fate.value}"


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
