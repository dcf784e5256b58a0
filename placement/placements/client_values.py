"""The values in the document for a client: as data and as plain words. Ids are left out, staff become roles, and places
become regions.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import get_args

from babel.dates import format_date, format_datetime
from pydantic import BaseModel, TypeAdapter
from sqlmodel import SQLModel, select

from placement.areas.lookup import names
from placement.core.area_codes import PlaceKind
from placement.core.arrival_codes import Rung
from placement.core.clock import AMSTERDAM
from placement.core.codes import AgeGroup, Gender, LanguageLevel
from placement.core.consent_codes import Driver
from placement.core.context import Act
from placement.core.errors import Conflict
from placement.core.reason_codes import ChangeReason, find_reason
from placement.crypto.encrypted_columns import Unreadable
from placement.tables import Account, Location, TelephoneEntry, Unit
from placement.tables.facts import FACTS, Facts
from placement.tables.telephone import EntryContent
from placement.text.catalogue import Language, translate
from placement.text.labels import KINDS
from placement.text.languages import language_name
from placement.text.rule_names import rule_name

FIELD = "client_document.field"
PLAIN = "client_document.value"
"""The catalogue contexts that contain the names of fields, and words such as *yes*."""

STAFF = frozenset(
    {"by", "made_by", "set_by", "lifted_by", "said_by", "ended_by", "entered_by", "agreed_by", "rung_back_by"}
    | {"contradicted_by", "settled_by", "sender"}
)
"""Fields that name a user: the document shows the role."""
WITHOUT = frozenset(
    {"id", "browser", "faults", "one", "other", "hold", "stay", "registration", "shelter", "use", "number", "telephone"}
    | {"answers", "position", "stop_asked", "alone", "to_read_back", "unit", "road_telephone", "caller"}
    | {"keep_apart", "stay_with", "returns"}
)
"""Fields that are left out: ids, other clients, places, and numbers of organisations."""
OWN_WORDS = frozenset({"sharing_scope", "sharing_said_by", "sharing_until", "sharing_withdrawn"})
"""Facts whose name on a form is clear only beside the fact above it. In the document they have other names."""
_PLACES = frozenset({"unit_id", "target"})
_RULES = frozenset({"broken", "breaks"})
_AREAS = {
    "region": PlaceKind.AREA,
    "danger_regions": PlaceKind.AREA,
    "municipality": PlaceKind.MUNICIPALITY,
    "registrant_unit": PlaceKind.REGISTRANT_UNIT,
}
_ISO = re.compile(r"\d{4}-\d\d-\d\d(T|$)")
_ANYTHING: TypeAdapter[object] = TypeAdapter(object)


def _kinds_of_facts() -> Iterator[tuple[str, type[Enum]]]:
    """Yields each fact whose value is a code, with the list of its codes."""
    for name, fact in FACTS.items():
        annotation: object = Facts.model_fields[name].annotation
        found = [fact.labels, annotation, *get_args(annotation)]
        yield from ((name, one) for one in found[:1] if one)
        yield from ((name, one) for one in found[1:] if isinstance(one, type) and issubclass(one, Enum))


_CODES: Mapping[str, type[Enum]] = {
    **dict(_kinds_of_facts()),
    "gender": Gender,
    "housed_as": Gender,
    "presumed": AgeGroup,
    "level": LanguageLevel,
    "driver": Driver,
    "rung": Rung,
}
"""The lists of codes of fields that are stored as text in a history or a note."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A field of the document. `name`: the column in the schema. `value`: the content as data; `words`: in words."""

    name: str
    label: str
    value: object
    words: str


class Values:
    """Reads values for one document and puts them into words. Looks up names of areas, units and accounts only once."""

    def __init__(self, act: Act, language: Language) -> None:
        self.language = language
        self._names = {kind: names(act.session, kind, date.max) for kind in set(_AREAS.values())}
        located = act.session.exec(select(Location.id, Location.region)).all()
        self._regions = {location: str(region) for location, region in located}
        units = act.session.exec(select(Unit.id, Unit.location_id)).all()
        self._regions |= {unit: self._regions[location] for unit, location in units}
        self._roles = dict(act.session.exec(select(Account.id, Account.role)).all())

    def read(self, row: SQLModel, name: str) -> object:
        """Returns a value of a row; `None` if it can no longer be decrypted."""
        try:
            value: object = getattr(row, name)
        except Conflict:
            return None
        return EntryContent.model_validate(value) if isinstance(row, TelephoneEntry) and name == "content" else value

    def shown(self, name: str, value: object) -> Shown | None:
        """Returns the field for the document; `None` if it has no value, was erased, or is left out."""
        if value in (None, "", [], {}) or isinstance(value, Unreadable) or name in WITHOUT:
            return None
        words = self._words(name, value)
        return Shown(name, self.label(name), self._data(name, value), words) if words else None

    def label(self, name: str) -> str:
        """Returns the name of a field for a person. Raises `KeyError` for a field without words."""
        return translate("fact" if name in FACTS.keys() - OWN_WORDS else FIELD, name, self.language)

    def _data(self, name: str, value: object) -> object:
        """Returns the value in the form of JSON, without the fields that the document leaves out."""
        if name in STAFF or name in _PLACES:
            return self._words(name, value)
        if isinstance(value, BaseModel):
            value = dict(value)
        if isinstance(value, dict):
            return {one: self._data(one, inner) for one, inner in value.items() if one not in WITHOUT}
        if isinstance(value, list | tuple):
            return [self._data(name, one) for one in value]
        return _ANYTHING.dump_python(value, mode="json")

    def _words(self, name: str, value: object) -> str:
        if isinstance(value, BaseModel):
            value = dict(value)
        if isinstance(value, dict):
            inner = [self.shown(one, found) for one, found in value.items()]
            return "; ".join(f"{one.label}: {one.words}" for one in inner if one is not None)
        if isinstance(value, list | tuple):
            found = [self._words(name, one) for one in value]
            return (" | " if any("; " in one for one in found) else ", ").join(found)
        return self._word(name, value)

    def _word(self, name: str, value: object) -> str:
        if isinstance(value, bool):
            return translate(PLAIN, "yes" if value else "no", self.language)
        if isinstance(value, str) and _ISO.match(value):
            value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
        if isinstance(value, datetime):
            return str(format_datetime(value.astimezone(AMSTERDAM), "d MMMM y, HH:mm", locale=self.language))
        if isinstance(value, date):
            return str(format_date(value, "d MMMM y", locale=self.language))
        return self._code(name, value)

    def _code(self, name: str, value: object) -> str:
        """Returns the words of a code, a reason or a reference. Returns the text itself if it has no words."""
        kind = type(value) if isinstance(value, Enum) else _CODES.get(name)
        text = str(value.value if isinstance(value, Enum) else value)
        if kind is not None and kind.__name__ in KINDS:
            return translate(kind.__name__, kind(value).value, self.language)
        of_field = self._of_field(name, text)
        if of_field is not None:
            return of_field
        if name == "reason" and text in set(ChangeReason):
            return translate("ChangeReason", text, self.language)
        return translate("reason", text, self.language) if find_reason(text) is not None else text

    def _of_field(self, name: str, text: str) -> str | None:
        """Returns the words of a user, a place, an area, a rule or a language; `None` for other fields."""
        words: str | None = None
        if name in STAFF:
            role = self._roles.get(text)
            words = translate("Role", role, self.language) if role else translate(PLAIN, "service", self.language)
        elif name in _PLACES and text in self._regions:
            words = translate(PLAIN, "place", self.language, region=self._area(self._regions[text]))
        elif name in _PLACES and text not in self._names[PlaceKind.AREA]:
            words = translate(PLAIN, "shelter", self.language)
        elif name in _AREAS or name in _PLACES:
            words = self._names[_AREAS.get(name, PlaceKind.AREA)].get(text, text)
        elif name in _RULES:
            words = rule_name(text, self.language)
        elif name == "code":
            words = language_name(text, self.language)
        return words

    def _area(self, code: str) -> str:
        return self._names[PlaceKind.AREA].get(code) or translate("Region", code, self.language)
