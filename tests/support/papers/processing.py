"""The facts of the data protection impact assessment that the code knows: kinds of data, purposes, grounds, terms, keys
and readers.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from sqlmodel import SQLModel

from placement.access.permissions import Permission, Reach
from placement.core.codes import Role
from placement.retention.processing_register import described, key_of
from placement.retention.schedule import kind_named
from placement.tables.facts import FACTS

_SUBJECTS = {"special": "client (special)", "person": "client", "staff": "staff"}
"""Whose data a table contains, the most sensitive first."""
_OF_RECORD = "content."


def written() -> Iterator[str]:
    yield "### Kinds of data, by table\n"
    yield from _tables()
    yield "\n### Facts of a client\n"
    yield from _facts()
    yield "\n### Who reads\n"
    yield from _readers()


def keys() -> Iterator[str]:
    """Yields the keys that encrypt columns, with the tables that contain something encrypted by each."""
    tables: defaultdict[str, set[str]] = defaultdict(set)
    for table in SQLModel.metadata.sorted_tables:
        for column in table.columns:
            tables[key_of(column)].add(table.name)
    yield "| key | tables with columns that it encrypts |"
    yield "|---|---|"
    for key in sorted(tables.keys() - {"-"}):
        yield f"| {key} | {', '.join(f'`{table}`' for table in sorted(tables[key]))} |"


def _tables() -> Iterator[str]:
    """Yields a row for each table with personal data. The facts of a client have a table of their own."""
    yield "| table | purpose | whose data | what | ground | kept | encrypted with |"
    yield "|---|---|---|---|---|---|---|"
    for table in sorted(SQLModel.metadata.sorted_tables, key=lambda one: one.name):
        personal = {
            column: row
            for (name, column), row in described().items()
            if name == table.name and row.whose != "no" and not column.startswith(_OF_RECORD)
        }
        if personal:
            row = next(iter(personal.values()))
            cells = (
                f"`{table.name}`",
                row.purpose,
                ", ".join(
                    words for whose, words in _SUBJECTS.items() if whose in {one.whose for one in personal.values()}
                ),
                "; ".join(_once(one.what for one in personal.values())),
                row.ground,
                "; ".join(_once(_term(one.kept) for one in personal.values())),
                ", ".join(sorted({key_of(table.columns[column]) for column in personal} - {"-"})) or "not encrypted",
            )
            yield f"| {' | '.join(cells)} |"


def _facts() -> Iterator[str]:
    yield "| fact | what | whose data | kept | in the problem of the engine |"
    yield "|---|---|---|---|---|"
    for name, fact in FACTS.items():
        whose, engine = _SUBJECTS.get(fact.whose, "-"), "yes" if fact.engine else "no"
        yield f"| `{name}` | {fact.what} | {whose} | {_term(fact.kept)} | {engine} |"


def _readers() -> Iterator[str]:
    """Yields a row for each permission to read, with the roles that have it. Answers that are about no other person and
    no bed are left out.
    """
    roles = [role for role in Role if role is not Role.SYSTEM]
    yield f"| may read | {' | '.join(f'`{role}`' for role in roles)} |"
    yield f"|---{'|---' * len(roles)}|"
    for one in Permission:
        if one.kind == "read" and not one.silent:
            reach: list[Reach | str] = [one.reach.get(role, "") for role in roles]
            yield f"| `{one}` | {' | '.join(reach)} |"


def _once(words: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys(words)


def _term(name: str) -> str:
    kind = kind_named(name)
    if kind.term is None:
        return f"`{kind.name}`: no end"
    days, assumed = kind.term.days, " (assumed)" if kind.assumed else ""
    return f"`{kind.name}`: {days} day{'s' if days != 1 else ''}{assumed}, then `{kind.fate}`"
