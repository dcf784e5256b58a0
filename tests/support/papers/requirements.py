"""Lists of requirements with an answer each: the TOML files beside the pages in `docs/adopt/`.

A list has chapters, and a chapter has requirements by id. `what` is the requirement in our own words. The keys beside
it give the answer: `why` means not applicable; `open` means that something is missing; otherwise `by` names the tests
or documents that show that it holds.
"""

import tomllib
from collections import Counter
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, model_validator

from tests.support.paths import ROOT

FOLDER = ROOT / "docs" / "adopt"
_LEVELS = tomllib.loads(Path(__file__).with_name("levels.toml").read_text())
LISTS = {"asvs": "asvs.md", "controls": "bio2-nen.md", "ai-act": "ai-act.md", "wcag": "accessibility.md"}
"""The page of each list, by the name of its TOML file."""
_NAMES = {"wcag": {1: "A", 2: "AA"}}
"""The names of levels of a standard that has no numbers for them."""


class Answer(StrEnum):
    HOLDS = "holds"
    NOT_APPLICABLE = "not applicable"
    OPEN = "open"


class Requirement(BaseModel):
    """A requirement in our own words, and its answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    what: str
    by: list[str] = []
    why: str = ""
    open: str = ""

    @model_validator(mode="after")
    def _has_one_answer(self) -> "Requirement":
        if bool(self.by or self.open) == bool(self.why):
            raise ValueError(f"needs either a reason, or what shows it or is open: {self.what}")
        return self

    @property
    def answer(self) -> Answer:
        if self.why:
            return Answer.NOT_APPLICABLE
        return Answer.OPEN if self.open else Answer.HOLDS


Chapters = dict[str, dict[str, Requirement]]
_CHAPTERS: TypeAdapter[Chapters] = TypeAdapter(Chapters)


def chapters_of(text: str) -> Chapters:
    return _CHAPTERS.validate_python(tomllib.loads(text))


def chapters(name: str) -> Chapters:
    return chapters_of((FOLDER / f"{name}.toml").read_text())


def ids(name: str) -> list[str]:
    return [one for chapter in chapters(name).values() for one in chapter]


def levels(name: str) -> dict[str, int]:
    """Returns the level of each requirement of a standard that has levels; empty for the others."""
    return {
        f"{section}.{number}": int(level)
        for section, numbers in _LEVELS.get(name, {}).items()
        for number, level in enumerate(numbers, 1)
        if level != "-"
    }


def absent_files(found: Chapters) -> list[str]:
    """Returns the tests and documents that a list names and that do not exist."""
    return [
        f"{one}: {file}"
        for chapter in found.values()
        for one, requirement in chapter.items()
        for file in requirement.by
        if not (ROOT / file).is_file()
    ]


def written(name: str) -> Iterator[str]:
    """Yields the lines of a list: a table of counts, and a table for each chapter."""
    found, level_of, names = chapters(name), levels(name), _NAMES.get(name, {})
    yield "| chapter | holds | not applicable | open |"
    yield "|---|---|---|---|"
    counts = {chapter: Counter(one.answer for one in rows.values()) for chapter, rows in found.items()}
    for chapter, count in (*counts.items(), ("**all**", sum(counts.values(), Counter()))):
        yield f"| {chapter} | {' | '.join(str(count[answer]) for answer in Answer)} |"
    for chapter, rows in found.items():
        yield f"\n### {chapter}\n"
        yield f"| id |{' level |' if level_of else ''} requirement | answer | shown by, or why |"
        yield f"|---|{'---|' if level_of else ''}---|---|---|"
        for one, requirement in rows.items():
            level = f" {names.get(level_of[one], level_of[one])} |" if level_of else ""
            answer = f"**{requirement.answer}**" if requirement.open else str(requirement.answer)
            yield f"| {one} |{level} {requirement.what} | {answer} | {_shown(requirement)} |"


def _shown(requirement: Requirement) -> str:
    files = ", ".join(f"`{file}`" for file in requirement.by)
    return ". ".join(part for part in (requirement.why, requirement.open, files) if part)
