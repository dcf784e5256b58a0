"""The sheets of an import or export. Each sheet is declared here once, with its columns in order.

The template, the reader, mappings, the export, and the table in docs/guide/exchange.md are derived from these
declarations. Names, alternative names and help texts are in the catalogue (`sheet`, `column`, `column.help`). A text of
the catalogue can contain several names, separated by `|`. The first name is written to a file; all of them are
understood in a file. If a fact of a registration has no column here, its column follows from its declaration.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum, StrEnum
from types import NoneType
from typing import Any, get_args, get_origin

from placement.access.permissions import Permission
from placement.core.area_codes import SchemesOfArea
from placement.core.codes import (
    AgeGroup,
    Gender,
    Region,
    Registrant,
    ResidenceBasis,
    Role,
    RoomFeature,
    Scheme,
    Specialism,
)
from placement.core.place_codes import RoomRange
from placement.tables.facts import FACTS, Facts, Section


class Kind(StrEnum):
    """The kind of a column, which determines how its cells are read (`values.py`)."""

    TEXT = "text"
    WHOLE = "whole"
    BEDS = "beds"
    DECIMAL = "decimal"
    DAY = "day"
    YES_NO = "yes_no"
    CODE = "code"
    CODES = "codes"
    LANGUAGES = "languages"
    TEXTS = "texts"
    TELEPHONE = "telephone"


COUNTED = frozenset({Kind.WHOLE, Kind.BEDS, Kind.DECIMAL})
"""Kinds that are numbers. A merged cell with a number is not repeated for several rows."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a sheet.

    - `words`: the id of its texts in the catalogue. `is_fact`: true if it uses the texts of a fact.
    - `required`: true if each row needs a value.
    - `of_first_row`: true if the value in a household's first row applies to all rows of the household.
    - `codes`: the closed list of a column of the kind `CODE` or `CODES`; the codes in `but` are left out.
    - `example`: the value in the template.
    - `least`, `most`: the limits of a number. `longest`: the largest number of characters.
    """

    name: str
    kind: Kind
    words: str
    required: bool = False
    of_first_row: bool = False
    codes: type[Enum] | None = None
    but: frozenset[Enum] = frozenset()
    example: object = None
    least: float = 0
    most: float = 1000
    longest: int = 100
    is_fact: bool = False

    @property
    def offered(self) -> tuple[Enum, ...]:
        """The codes that a cell of this column may contain; empty if the column has no closed list."""
        return tuple(code for code in self.codes or () if code not in self.but)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet. `by`: the permission that is needed to import its rows."""

    name: str
    columns: tuple[Column, ...]
    by: Permission

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    @property
    def example(self) -> dict[str, object]:
        return {column.name: column.example for column in self.columns if column.example is not None}


def _column(name: str, kind: Kind, words: str = "", **more: Any) -> Column:
    return Column(name, kind, words or name, **more)


def _id(example: str) -> Column:
    return _column("id", Kind.TEXT, example=example)


_SOFTWARE = frozenset(role for role in Role if not role.is_person)
_SHELTER = _column("shelter", Kind.TEXT, example="Voorbeeldopvang De Berk")
_LOCATION = _column("location", Kind.TEXT, example="Locatie Noord")
_UNIT = _column("unit", Kind.TEXT, example="Moeder en kind")
_OPENS_ON = _column("opens_on", Kind.DAY, example=date(2026, 3, 1))
_LIFE = (_OPENS_ON, *(_column(name, Kind.DAY) for name in ("open_until", "closes_on", "no_new_from")))
_DAYS = (_column("from_on", Kind.DAY, example=date(2026, 3, 1)), _column("until_on", Kind.DAY))
_TELEPHONES = (
    _column("placing", Kind.TELEPHONE, "telephone_placing", example="030 123 45 67"),
    _column("night", Kind.TELEPHONE, "telephone_night"),
    _column("general", Kind.TELEPHONE, "telephone_general"),
)
"""The telephone numbers of a shelter, by `TelephoneUse`. They are read from a file, but never written to a file,
because somebody could find the address by looking up the number.
"""
_HOUSEHOLD = (
    _column("household", Kind.TEXT, required=True, example="1"),
    _column("gender", Kind.CODE, required=True, codes=Gender, example=Gender.FEMALE),
    _column("age", Kind.WHOLE, required=True, example=24, most=120),
    _column("guardian", Kind.YES_NO, example=True),
)
_CASE = (
    _column("alias", Kind.TEXT, example="Merel"),
    _column("region", Kind.CODE, of_first_row=True, codes=Region, example=Region.AMSTERDAM),
    _column("registrant", Kind.CODE, of_first_row=True, codes=Registrant, example=Registrant.NP),
    _column(
        "residence_basis",
        Kind.CODE,
        of_first_row=True,
        codes=ResidenceBasis,
        example=ResidenceBasis.REFLECTION,
    ),
    _column("spoken", Kind.LANGUAGES, example=("ti", "en")),
    _column("needs", Kind.CODES, codes=Specialism),
    _column("room_needs", Kind.CODES, codes=RoomFeature),
    _column("private_room", Kind.YES_NO, example=False),
    _column("high_care", Kind.YES_NO, example=False),
    _column("threat", Kind.TEXT, example="Rotterdam"),
    _column("threat_km", Kind.WHOLE, example=50, least=1, most=400),
)

_OF_A_VALUE: Mapping[object, Kind] = {bool: Kind.YES_NO, date: Kind.DAY}


def _of_fact(name: str) -> Column:
    """Returns the column of a fact, from the declaration of the fact. The value of a place is its name."""
    declared = Facts.model_fields[name].annotation
    value = next((one for one in get_args(declared) if one is not NoneType), declared)
    if isinstance(value, type) and issubclass(value, Enum):
        kind = Kind.CODES if get_origin(declared) is list else Kind.CODE
        return _column(name, kind, codes=value, is_fact=True)
    return _column(name, _OF_A_VALUE.get(value, Kind.TEXT), is_fact=True)


_OTHER_FACTS = FACTS.keys() - {column.name for column in _CASE} - {"languages", "urgency", "needed_by"}
"""The facts without a column above. (Spoken languages have the column `spoken`.)"""
_MORE = (
    *(_of_fact(name) for name in FACTS if name in _OTHER_FACTS and FACTS[name].section is not Section.WHEN),
    _column("stay_with", Kind.TEXTS, longest=400),
    _column("keep_apart", Kind.TEXTS, longest=400),
    _column("avoided", Kind.TEXTS, longest=400),
    _column("reach", Kind.TEXT),
    _column("reach_km", Kind.WHOLE, least=1, most=400),
)
_WHEN = tuple(_of_fact(name) for name in FACTS if name in _OTHER_FACTS and FACTS[name].section is Section.WHEN)

_ALL = (
    Sheet(
        "shelters",
        (
            _id("S901"),
            _column("name", Kind.TEXT, "shelter", required=True, example="Voorbeeldopvang De Berk"),
            _column("provider", Kind.TEXT, required=True, example="Stichting Voorbeeld"),
            _column("provider_id", Kind.TEXT, example="P901"),
            *_TELEPHONES,
            *_LIFE,
        ),
        by=Permission.REGISTER_CHANGE,
    ),
    Sheet(
        "locations",
        (
            _id("S901-L1"),
            _column("shelter", Kind.TEXT, required=True, example="Voorbeeldopvang De Berk"),
            _column("name", Kind.TEXT, "location", required=True, example="Locatie Noord"),
            _column("place", Kind.TEXT, example="Amersfoort"),
            _column("latitude", Kind.DECIMAL, least=50.6, most=53.8),
            _column("longitude", Kind.DECIMAL, least=3.1, most=7.4),
            _column("police_unit", Kind.CODE, codes=Region, example=Region.MIDDEN_NEDERLAND),
            _column("address", Kind.TEXT, longest=300),
            *_LIFE,
        ),
        by=Permission.REGISTER_CHANGE,
    ),
    Sheet(
        "units",
        (
            _id("S901-L1-U1"),
            _SHELTER,
            _column("location", Kind.TEXT, required=True, example="Locatie Noord"),
            _column("name", Kind.TEXT, "unit", required=True, example="Moeder en kind"),
            _column("scheme", Kind.CODE, required=True, codes=Scheme, example=Scheme.COSM),
            _column("admits", Kind.CODES, codes=Gender, example=(Gender.FEMALE,)),
            _column("min_age", Kind.WHOLE, example=18, most=120),
            _column("max_age", Kind.WHOLE, example=120, most=120),
            _column("children_max_age", Kind.WHOLE, example=17, most=17),
            _column("boys_max_age", Kind.WHOLE, example=12, most=17),
            _column("languages", Kind.LANGUAGES, example=("nl", "en")),
            _column("interpreter_languages", Kind.LANGUAGES, example=("*",)),
            _column("specialisms", Kind.CODES, codes=Specialism, example=(Specialism.PREGNANCY, Specialism.INFANT)),
            _column("high_care_limit", Kind.WHOLE, most=100),
            *_LIFE,
        ),
        by=Permission.REGISTER_CHANGE,
    ),
    Sheet(
        "rooms",
        (
            _id("S901-L1-U1-R1"),
            _SHELTER,
            _LOCATION,
            _column("unit", Kind.TEXT, required=True, example="Moeder en kind"),
            _column("name", Kind.TEXT, "room", required=True, example="Kamer 1"),
            _column("beds", Kind.BEDS, required=True, example=2, most=100),
            _column("several", Kind.CODE, codes=RoomRange),
            _column("features", Kind.CODES, codes=RoomFeature, example=(RoomFeature.GROUND_FLOOR,)),
            *_LIFE,
        ),
        by=Permission.REGISTER_CHANGE,
    ),
    Sheet(
        "residents",
        (
            *_HOUSEHOLD,
            _SHELTER,
            _LOCATION,
            _UNIT,
            _column("room", Kind.TEXT, required=True, example="Kamer 1"),
            _column("came_on", Kind.DAY, of_first_row=True, example=date(2026, 2, 3)),
            *_CASE,
            *_MORE,
        ),
        by=Permission.TAKE_OVER,
    ),
    Sheet(
        "waiting",
        (
            *_HOUSEHOLD,
            _column("waits_since", Kind.DAY, of_first_row=True, example=date(2026, 2, 20)),
            _column("needed_by", Kind.DAY, of_first_row=True, example=date(2026, 3, 5)),
            _column("urgency", Kind.WHOLE, example=2, least=1, most=4),
            *_WHEN,
            *_CASE,
            *_MORE,
        ),
        by=Permission.TAKE_OVER,
    ),
    Sheet(
        "municipalities",
        (
            _column("id", Kind.TEXT, "municipality_code", required=True, longest=40, example="0307"),
            _column("name", Kind.TEXT, "municipality", required=True, example="Amersfoort"),
            _column("province", Kind.TEXT, example="Utrecht"),
            _column("police_unit", Kind.TEXT, example="Midden-Nederland"),
            *_DAYS,
        ),
        by=Permission.AREA_CHANGE,
    ),
    Sheet(
        "areas",
        (
            _column("id", Kind.TEXT, "area_code", longest=40, example="regio-voorbeeld"),
            _column("name", Kind.TEXT, "area", required=True, example="Regio Voorbeeld"),
            _column("municipalities", Kind.TEXTS, longest=20_000, example=("Amersfoort", "Soest")),
            _column("min_age", Kind.WHOLE, most=120),
            _column("max_age", Kind.WHOLE, most=119),
            _column("coordinated_by", Kind.TEXTS, longest=2_000, example=("Zorgcoördinatie Voorbeeld",)),
            _column("schemes", Kind.CODE, "area_schemes", codes=SchemesOfArea, example=SchemesOfArea.HERE),
            _column("island", Kind.YES_NO, example=False),
            _column("partner", Kind.TEXT),
            _column("partner_telephone", Kind.TELEPHONE, longest=40),
            _column("partner_does", Kind.TEXT, longest=300),
            *_DAYS,
        ),
        by=Permission.AREA_CHANGE,
    ),
    Sheet(
        "accounts",
        (
            _column("email", Kind.TEXT, required=True, longest=254, example="opvang@voorbeeld.example"),
            _column("name", Kind.TEXT, "person", example="Voorbeeld Persoon"),
            _column("job_title", Kind.TEXT, example="Groepsleider"),
            _column("telephone", Kind.TELEPHONE, example="030 123 45 67"),
            _column("role", Kind.CODE, required=True, codes=Role, but=_SOFTWARE, example=Role.SHELTER_STAFF),
            _column("shelter", Kind.TEXT, "works_at", example="Voorbeeldopvang De Berk"),
            _column("regions", Kind.TEXTS, longest=2_000),
        ),
        by=Permission.ACCOUNT_INVITE,
    ),
)

CAPACITY = Sheet(
    "capacity",
    (
        _id("S901-L1-U1-R1"),
        _SHELTER,
        _LOCATION,
        _UNIT,
        _column("name", Kind.TEXT, "room", required=True, example="Kamer 1"),
        _column("beds", Kind.WHOLE, example=2),
        _column("free", Kind.WHOLE, example=1),
        _column("free_soon", Kind.WHOLE, example=1),
        _column("free_from", Kind.DAY, example=date(2026, 3, 1)),
        _column("out", Kind.WHOLE, example=0),
        _column("reported_on", Kind.DAY, example=date(2026, 3, 1)),
    ),
    by=Permission.REGISTER_CHANGE,
)
"""A sheet that is only exported: free beds follow from the shelters' reports, and cannot be imported."""

OVERVIEW = Sheet(
    "overview",
    (
        _column("code", Kind.TEXT),
        _column("provider", Kind.TEXT),
        _column("shelter", Kind.TEXT),
        _column("location", Kind.TEXT),
        _column("place", Kind.TEXT),
        _column("address", Kind.TEXT, longest=300),
        _column("unit", Kind.TEXT),
        _column("scheme", Kind.CODE, codes=Scheme),
        _column("admits", Kind.TEXT),
        _column("ages", Kind.TEXT),
        _column("min_age", Kind.WHOLE, most=120),
        _column("max_age", Kind.WHOLE, most=120),
        _column("children", Kind.YES_NO),
        _column("children_max_age", Kind.WHOLE, most=17),
        _column("boys_max_age", Kind.WHOLE, most=17),
        _column("languages", Kind.LANGUAGES),
        _column("interpreter_languages", Kind.LANGUAGES),
        _column("specialisms", Kind.CODES, codes=Specialism),
        _column("name", Kind.TEXT, "room"),
        _column("beds", Kind.BEDS, most=100),
        _column("features", Kind.CODES, codes=RoomFeature),
        *(replace(one, example=None) for one in _TELEPHONES),
        *(_column(one.name, Kind.DAY) for one in _LIFE[:2]),
        _column("remarks", Kind.TEXT, longest=20_000),
        _column("people", Kind.TEXT),
        _column("not_read", Kind.TEXT),
    ),
    by=Permission.REGISTER_CHANGE,
)
"""A list of a whole organisation in any form (`overview.py`). Providers, shelters, locations, units and rooms are made
from its rows. The columns `people` (names of residents) and `not_read` are never imported.
"""

SHEETS: Mapping[str, Sheet] = {sheet.name: sheet for sheet in _ALL}
"""The sheets in the order of the import. A row can refer to places of an earlier sheet."""

MEANT: Mapping[str, Sheet] = {OVERVIEW.name: OVERVIEW, **SHEETS}
"""The sheets that a sheet of a file can mean."""

OTHER_CODE_WORDS: tuple[type[Enum], ...] = (AgeGroup, Gender, Scheme, RoomFeature, Specialism)
"""Closed lists whose codes have alternative words in the catalogue, besides their labels (`value`: `Gender.female`)."""

PLAIN_WORDS = (
    *("yes", "no", "nothing", "all_languages", "and", "to", "out_of_service", "beds", "total", "numbers", "of_which"),
    *("children", "without", "with", "adults", "from", "older", "thru", "until", "under", "years", "both", "filler"),
    *("families", "floor"),
    *(
        "night",
        "day_time",
        "always",
        "municipality_of",
        "ditto",
        "changes",
        "notice",
        "room",
        "colours",
        "secret",
        "example",
        "each",
        "meaning",
        "struck",
    ),
    *("article", "closed", "occupancy", "house", "provider"),
)
"""Ids of plain words that are used to interpret cells (context `value`)."""
