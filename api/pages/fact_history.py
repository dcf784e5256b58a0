"""The page of what changed in a registration, fact by fact, with the erasure of a mistake."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from litestar import Response
from litestar.params import FromPath

from api.http.context import RequestActs
from api.http.methods import post
from api.pages.fact_fields import FIELDS, FactField, Widget, all_of
from api.pages.form_results import form_on
from api.pages.frame import Page, Wrong, page, page_at
from api.v1 import fact_history as routes
from api.v1.fact_history import FactChangeOut
from api.v1.people import People
from api.v1.registrations import PersonOut
from placement.access import fresh_factor
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.tables.facts import SpokenLanguage

_FIELDS = {field.name: field for field in all_of(FIELDS)}


@dataclass(frozen=True, slots=True)
class Differs:
    """One fact of a change. `field` is None where the form has it by hand (persons, languages, points)."""

    name: str
    field: FactField | None
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class Changed:
    one: FactChangeOut
    facts: list[Differs]


@dataclass(frozen=True, slots=True)
class History:
    registration: str
    changes: list[Changed]
    people: People
    may_erase: bool
    verified: bool
    """Whether the second factor was given a short while ago."""


@page_at("/registrations/{registration_id:str}/changes", permission=Permission.REGISTRATION_READ)
def show_changes(
    request: Page, acts: RequestActs, registration_id: FromPath[str], wrong: Wrong | None = None
) -> Response[str]:
    view = acts.show("registration_changes", lambda act: _history(act, registration_id), Permission.REGISTRATION_READ)
    return page(request, "registration_changes.html", view, wrong)


@post("/registrations/{registration_id:str}/changes/{fact_change_id:str}/erase", permission=Permission.HISTORY_ERASE)
@form_on(show_changes)
def erase_change(acts: RequestActs, registration_id: FromPath[str], fact_change_id: FromPath[str]) -> str:
    acts.write(lambda act: routes.erase_fact_change(act, registration_id, fact_change_id))
    return f"/registrations/{registration_id}/changes"


def _history(act: Act, registration_id: str) -> History:
    found = routes.list_fact_changes(act, registration_id)
    return History(
        found.registration,
        [Changed(one, list(_differences(one))) for one in found.changes],
        found.people,
        Permission.HISTORY_ERASE.is_of(act.actor),
        fresh_factor.is_fresh(act),
    )


def _differences(one: FactChangeOut) -> Iterator[Differs]:
    for name in one.after:
        yield Differs(name, _FIELDS.get(name), _shown(name, one.before[name]), _shown(name, one.after[name]))


def _shown(name: str, value: Any) -> object:
    """A fact as the page draws it, from its JSON."""
    if value is None:
        return None
    if name == "persons":
        return [PersonOut.model_validate({key: row[key] for key in PersonOut.model_fields}) for row in value]
    if name == "languages":
        return [SpokenLanguage.model_validate(row) for row in value]
    field = _FIELDS.get(name)
    return date.fromisoformat(value) if field is not None and field.widget is Widget.DAY else value
