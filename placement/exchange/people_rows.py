"""The rows of clients who live in a shelter, or wait, already: taken over as households, through the verbs of that.

Nothing of a client is in what is told but the number of the household, which the file gives, and the id.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from placement.core.clock import start_of
from placement.core.codes import LanguageLevel
from placement.core.context import Act
from placement.exchange.cell_vocabulary import heading
from placement.exchange.import_steps import Step, StepKind, Stop
from placement.exchange.register_rows import RegisterRows
from placement.exchange.table import Row, Table
from placement.placements.stays import takeover
from placement.placements.stays.takeover import RoomTaken
from placement.registrations.case_rows import PersonInput, PointInput, ThreatInput
from placement.registrations.entitlement import ADULT
from placement.tables import Location, Room, Shelter, Unit
from placement.tables.facts import FACTS, SpokenLanguage
from placement.text.catalogue import Language

_SHEETS = ("residents", "waiting")
_OF_A_PERSON = frozenset(
    {"household", "gender", "age", "guardian", "shelter", "location", "unit", "room", "threat", "threat_km"}
)
"""The columns that count in each row of a household."""


@dataclass(frozen=True, slots=True)
class _Household:
    """What a file says of one household. `take_over`: takes it over; gives the id of its registration."""

    facts: Mapping[str, Any]
    persons: Sequence[PersonInput]
    since: date
    unit_id: str | None
    take_over: Callable[[], str]


class PeopleRows:
    def __init__(self, act: Act, register: RegisterRows, language: Language) -> None:
        """`register`: the register with what this file makes in it."""
        self.act = act
        self.register = register
        self.language = language
        self._made: set[str] = set()
        self._matched: set[str] = set()

    def carry_out(self, tables: Iterable[Table]) -> None:
        for table in tables:
            if table.sheet.name in _SHEETS:
                for rows in _households(table.rows):
                    with self.register.telling(table, rows[0]):
                        self._household(table, rows)

    def _household(self, table: Table, rows: Sequence[Row]) -> None:
        lacks = self._tell_what_lacks(table, rows[0]), self._tell_distances_alone(table, rows)
        if any(lacks) or any(self.register.is_bad(table, row) for row in rows):
            raise Stop
        first = rows[0].values
        self._tell_what_counts_once(table, rows)
        household = self._resident(rows) if table.sheet.name == "residents" else self._waiting(rows)
        if self._is_there(household):
            self.register.findings.append(table.at(rows[0], "household", "import_household_is_there", blocks=False))
            return
        if _lacks_guardian(household.persons):
            self.register.findings.append(table.at(rows[0], "guardian", "import_no_guardian", blocks=False))
        registration = household.take_over()
        self._made.add(registration)
        name, what = first["household"], table.sheet.name
        self.register.steps.append(Step(StepKind.MAKE, what, registration, name, table.name, rows[0].number))

    def _tell_what_lacks(self, table: Table, first: Row) -> bool:
        """Whether the first row of a household lacks what counts for all of it; each such cell is told, but where it
        could not be read, or the file has no such column: that is told already.
        """
        missing = [column for column in table.sheet.columns if column.of_first_row and column.name not in first.values]
        self.register.findings += [
            table.at(first, column.name, "import_value_missing", missing=heading(column, self.language))
            for column in missing
            if column.name in table.letters and not self.register.is_unread(table, first, column.name)
        ]
        return bool(missing)

    def _tell_distances_alone(self, table: Table, rows: Sequence[Row]) -> bool:
        """Whether a row has the distance of a danger without its place; each is told."""
        alone = [row for row in rows if "threat_km" in row.values and "threat" not in row.values]
        self.register.findings += [table.at(row, "threat_km", "import_distance_alone") for row in alone]
        return bool(alone)

    def _tell_what_counts_once(self, table: Table, rows: Sequence[Row]) -> None:
        """What a further row says otherwise of the whole household than its first one, which counts."""
        first = rows[0].values
        self.register.findings += [
            table.at(row, name, "import_first_row_counts", blocks=False, first=rows[0].number)
            for row in rows[1:]
            for name, value in row.values.items()
            if name not in _OF_A_PERSON and value != first.get(name)
        ]

    def _is_there(self, household: _Household) -> bool:
        """Whether a household like this one was there before this import. Two of one file that are alike are two."""
        known = takeover.known_already(
            self.act, household.facts.get("alias"), start_of(household.since), household.persons, household.unit_id
        )
        there = [one for one in known if one not in self._made | self._matched]
        self._matched |= set(there[:1])
        return bool(there)

    def _resident(self, rows: Sequence[Row]) -> _Household:
        rooms = [self._room(row) for row in rows]
        if len({room.unit_id for room in rooms}) > 1:
            raise Stop("room", "import_household_in_two_units")
        by_room = sorted(zip(rooms, rows, strict=True), key=lambda one: one[0].id)
        taken = [RoomTaken(room, len(list(group))) for room, group in groupby(room.id for room, _ in by_room)]
        facts, persons, since = _facts(rows[0].values), _persons(row for _, row in by_room), rows[0].values["came_on"]
        unit_id, threats = rooms[0].unit_id, _threats(rows)

        def take_over() -> str:
            stay = takeover.take_over_resident(
                self.act,
                facts,
                persons=persons,
                unit_id=unit_id,
                rooms=taken,
                came_on=since,
                confirm=True,
                threats=threats,
            )
            return stay.registration_id

        return _Household(facts, persons, since, unit_id, take_over)

    def _waiting(self, rows: Sequence[Row]) -> _Household:
        facts, persons, since = _facts(rows[0].values), _persons(rows), rows[0].values["waits_since"]
        threats = _threats(rows)

        def take_over() -> str:
            made = takeover.take_over_waiting(
                self.act, facts, persons=persons, waits_since=since, confirm=True, threats=threats
            )
            return made.id

        return _Household(facts, persons, since, None, take_over)

    def _room(self, row: Row) -> Room:
        within = self.register.within(row, ("shelter", Shelter), ("location", Location), ("unit", Unit))
        return self.register.part(Room, row, "room", within)


def _households(rows: Iterable[Row]) -> list[list[Row]]:
    found: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.values.get("household", row.number)].append(row)
    return list(found.values())


def _facts(values: Mapping[str, Any]) -> dict[str, Any]:
    """The facts of a registration that a row gives. A language that is spoken is taken to be spoken fluently."""
    spoken = [SpokenLanguage(code=code, level=LanguageLevel.FLUENT) for code in values.get("spoken", ())]
    return {
        **{name: list(value) if isinstance(value, tuple) else value for name, value in values.items() if name in FACTS},
        "languages": spoken,
        "language_required": bool(spoken),
    }


def _persons(rows: Iterable[Row]) -> list[PersonInput]:
    return [
        PersonInput(row.values["gender"], row.values["age"], guardian=row.values.get("guardian", False)) for row in rows
    ]


def _lacks_guardian(persons: Sequence[PersonInput]) -> bool:
    """Whether there are minors and adults, and nobody is said to be the parent or guardian."""
    minors = [(person.age or 0) < ADULT for person in persons]
    return any(minors) and not all(minors) and not any(person.guardian for person in persons)


def _threats(rows: Iterable[Row]) -> list[ThreatInput]:
    """The danger that a household must be kept from, each place once, with the largest distance that is given."""
    found: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        if "threat" in row.values:
            found[row.values["threat"]] += [row.values["threat_km"]] if "threat_km" in row.values else []
    return [ThreatInput(PointInput(place=place), max(given, default=None)) for place, given in found.items()]
