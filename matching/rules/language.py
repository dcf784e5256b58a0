"""Hard rule: if a common language is required, the staff or an interpreter speak a language of the registration."""

from collections.abc import Hashable
from typing import ClassVar

from matching.format.problem import ANY_LANGUAGE, Registration, Unit
from matching.format.solution import Facts
from matching.index import Index
from matching.rules.base import Grid, Rule, Sentences, Table
from matching.rules.changes import Change, Changes, of_unit

LEVELS = ("native", "fluent", "basic")


class LanguageRule(Rule):
    code = "language"
    imposed_by = "coordinator"
    sentence = "nobody here, and no interpreter, speaks a common language ({languages})"
    change_sentences: ClassVar[Sentences] = {
        "interpreter": "if the shelter finds an interpreter for the language {language}",
    }

    def asks(self, registration: Registration) -> Hashable:
        return registration.language_required, frozenset(_spoken(registration))

    def table(self, grid: Grid) -> Table:
        free = grid.by_registration(lambda registration: not registration.language_required) > 0
        return free | grid.share(lambda registration: [*_spoken(registration), ANY_LANGUAGE], _served)

    def facts(self, index: Index, registration: Registration, unit: Unit) -> Facts:  # noqa: ARG002 - all pair rules have this signature
        return {"languages": sorted(set(_spoken(registration)))}

    def changes(self, index: Index, registration: Registration, unit: Unit) -> Changes:
        best_first = sorted(registration.languages, key=lambda language: LEVELS.index(language.level))
        for language in best_first[:1]:
            change = Change(self.code, "interpreter", "shelter", {"language": language.code.lower()})
            yield change, of_unit(index, unit, interpreter_languages=(*unit.interpreter_languages, language.code))


def _spoken(registration: Registration) -> list[str]:
    return [language.code.lower() for language in registration.languages]


def _served(unit: Unit) -> list[str]:
    """Returns the languages of the staff and the interpreters, including `*` for an interpreter of every language."""
    return [code.lower() for code in (*unit.languages, *unit.interpreter_languages)]
