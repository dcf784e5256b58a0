"""The page with all changes of a registration's facts, and the erasure of a mistake."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from api.pages.declared_pages import form, screen
from api.pages.fact_fields import FIELDS, FactField, Widget, all_of
from api.v1 import fact_history as routes
from api.v1.fact_history import FactChangeOut, FactHistoryOut
from api.v1.registrations import PersonOut
from placement.access import fresh_factor
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.tables.facts import SpokenLanguage

HERE = "/registrations/{registration_id:str}/changes"
_FIELDS = {field.name: field for field in all_of(FIELDS)}


@dataclass(frozen=True, slots=True)
class Differs:
    """A changed fact. `field`: `None` for facts that have no single form field (persons, languages, points)."""

    name: str
    field: FactField | None
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Changed:
    one: FactChangeOut
    facts: list[Differs]


def _changes(_: Act, found: FactHistoryOut) -> list[Changed]:
    return [Changed(one, list(differences(one))) for one in found.changes]


def differences(one: FactChangeOut) -> Iterator[Differs]:
    """Yields the changed facts, each with its old and new value."""
    for name in one.after:
        yield Differs(name, _FIELDS.get(name), _shown(name, one.before[name]), _shown(name, one.after[name]))


def _shown(name: str, value: Any) -> object:
    """Returns the value to show for a fact, from its JSON value."""
    if value is None:
        return None
    if name == "persons":
        return [PersonOut.model_validate({key: row[key] for key in PersonOut.model_fields}) for row in value]
    if name == "languages":
        return [SpokenLanguage.model_validate(row) for row in value]
    field = _FIELDS.get(name)
    return date.fromisoformat(value) if field is not None and field.widget is Widget.DAY else value


show_changes = screen(
    HERE,
    "registration_changes.html",
    found=routes.list_fact_changes,
    registration=lambda _, found: found.registration,
    changes=_changes,
    people=lambda _, found: found.people,
    may_erase=lambda act: Permission.HISTORY_ERASE.is_of(act.actor),
    verified=fresh_factor.is_fresh,
)
erase_change = form(f"{HERE}/{{fact_change_id:str}}/erase", routes.erase_fact_change, show_changes)
