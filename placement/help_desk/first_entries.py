"""The first texts of the help desk: facts with their sources, and references to the dated rules."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import cast

from sqlmodel import select

from placement.access.permissions import Permission, needs
from placement.core.context import Act
from placement.core.enquiry_codes import EntryMark, Subject
from placement.core.errors import Conflict
from placement.core.rule_codes import RuleKind
from placement.crypto.encrypted_columns import is_readable
from placement.help_desk.entries import EntryInput, write
from placement.storage.locks import Shared, lock
from placement.tables import KnowledgeEntry
from placement.text.catalogue import languages


@cache
def first_entries() -> dict[str, EntryInput]:
    """Returns the first texts by their names."""
    read = tomllib.loads(resources.files(__package__).joinpath("first_entries.toml").read_text("utf-8"))
    return {name: _entry(facts) for name, facts in read.items()}


@needs(Permission.ENTRY_WRITE)
def load(act: Act) -> int:
    """Stores the first texts that the store has never had. Each text waits for a review, which any person may give.
    Returns the number of stored texts. Raises `Conflict` if the store has had all texts.
    """
    lock(act.session, Shared.FIRST_ENTRIES)
    missing = _missing(act)
    if not missing:
        raise Conflict("first_entries_loaded")
    for name in missing:
        write(act, first_entries()[name], first=name)
    return len(missing)


def lacking(act: Act) -> int:
    """Returns the number of first texts that the store does not have."""
    return len(_missing(act))


def _missing(act: Act) -> list[str]:
    rows = act.session.exec(select(KnowledgeEntry).where(KnowledgeEntry.version == 1))
    known = {row.content.first for row in rows if is_readable(row.content)}
    return [name for name in first_entries() if name not in known]


def _entry(read: Mapping[str, object]) -> EntryInput:
    known = {language: cast("list[str]", read[language]) for language in languages() if language in read}
    return EntryInput(
        titles={language: words[0] for language, words in known.items()},
        texts={language: words[1] for language, words in known.items()},
        source=str(read["source"]),
        mark=EntryMark(str(read["mark"])),
        subjects=[Subject(code) for code in cast("list[str]", read["subjects"])],
        rule=RuleKind(str(read["rule"])) if "rule" in read else None,
    )
