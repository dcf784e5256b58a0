"""The import of rows of clients who already live in a shelter or wait for a place. Each household becomes a case.
Messages identify a client only by the number of the household in the file, and by the id.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from placement.core.clock import start_of
from placement.core.codes import AvoidedKind, LanguageLevel
from placement.core.context import Act
from placement.exchange.cell_vocabulary import heading
from placement.exchange.household_links import HouseholdLinks
from placement.exchange.import_steps import Step, StepKind, Stop
from placement.exchange.register_rows import RegisterRows
from placement.exchange.table_rows import Row, Table
from placement.placements.stays import takeover
from placement.placements.stays.takeover import RoomTaken
from placement.registrations.case import AvoidedInput, Case, PersonInput, PointInput, ReachInput, ThreatInput
from placement.registrations.entitlement import ADULT
from placement.tables import Location, Room, Shelter, Unit
from placement.tables.facts import FACTS, SpokenLanguage
from placement.text.catalogue import Language

_SHEETS = ("residents", "waiting")
_OF_A_PERSON = frozenset(
    {"household", "gender", "age", "guardian", "shelter", "location", "unit", "room"}
    | {"threat", "threat_km", "reach", "reach_km"}
)
"""The columns that are read in every row of a household. All other columns are read only in its first row."""


@dataclass(frozen=True, slots=True)
class _Household:
    """A household in a file. `take_over`: a function that imports it and returns the id of its registration."""

    case: Case
    since: date
    unit_id: str | None
    take_over: Callable[[], str]


class PeopleRows:
    def __init__(self, act: Act, register: RegisterRows, language: Language) -> None:
        """Takes the register (`register`), which includes the places that this file makes."""
        self.act = act
        self.register = register
        self.language = language
        self._made: set[str] = set()
        self._matched: set[str] = set()
        self._links = HouseholdLinks(act)

    def carry_out(self, tables: Iterable[Table]) -> None:
        given = [(table, _households(table.rows)) for table in tables if table.sheet.name in _SHEETS]
        for table, households in given:
            for rows in households:
                self._links.add(table.sheet.name, rows[0])
        for table, households in given:
            for rows in households:
                with self.register.telling(table, rows[0]):
                    self._household(table, rows)

    def _household(self, table: Table, rows: Sequence[Row]) -> None:
        lacks = self._tell_what_lacks(table, rows[0]), self._tell_distances_alone(table, rows)
        if any(lacks) or any(self.register.is_bad(table, row) for row in rows):
            raise Stop
        first = rows[0].values
        self._tell_what_counts_once(table, rows)
        avoided = [self._avoided(one) for one in first.get("avoided", ())]
        more = {**self._links.of(table.sheet.name, rows[0]), "avoided": avoided}
        household = self._resident(rows, more) if table.sheet.name == "residents" else self._waiting(rows, more)
        if (there := self._there(household)) is not None:
            self._links.made(table.sheet.name, first["household"], there)
            self.register.findings.append(table.at(rows[0], "household", "import_household_is_there", blocks=False))
            return
        if _lacks_guardian(household.case.persons or ()):
            self.register.findings.append(table.at(rows[0], "guardian", "import_no_guardian", blocks=False))
        registration = household.take_over()
        self._made.add(registration)
        self._links.made(table.sheet.name, first["household"], registration)
        name, what = first["household"], table.sheet.name
        self.register.steps.append(Step(StepKind.MAKE, what, registration, name, table.name, rows[0].number))

    def _tell_what_lacks(self, table: Table, first: Row) -> bool:
        """Adds a finding for each required value that the household's first row lacks. Returns true if a value is
        missing. Adds no finding for unreadable cells and missing columns, because they were already reported.
        """
        missing = [column for column in table.sheet.columns if column.of_first_row and column.name not in first.values]
        self.register.findings += [
            table.at(first, column.name, "import_value_missing", missing=heading(column, self.language))
            for column in missing
            if column.name in table.letters and not self.register.is_unread(table, first, column.name)
        ]
        return bool(missing)

    def _tell_distances_alone(self, table: Table, rows: Sequence[Row]) -> bool:
        """Adds a finding for each distance without a place, and for each place that must be near but has no distance.
        Returns true if there is such a finding.
        """
        alone = [
            table.at(row, f"{name}_km", "import_distance_alone")
            for row in rows
            for name in ("threat", "reach")
            if f"{name}_km" in row.values and name not in row.values
        ]
        far = [row for row in rows if "reach" in row.values and "reach_km" not in row.values]
        alone += [table.at(row, "reach", "import_reach_without_km") for row in far]
        self.register.findings += alone
        return bool(alone)

    def _tell_what_counts_once(self, table: Table, rows: Sequence[Row]) -> None:
        """Adds a finding for each value that differs from the household's first row. The first row's value is used."""
        first = rows[0].values
        self.register.findings += [
            table.at(row, name, "import_first_row_counts", blocks=False, first=rows[0].number)
            for row in rows[1:]
            for name, value in row.values.items()
            if name not in _OF_A_PERSON and value != first.get(name)
        ]

    def _there(self, household: _Household) -> str | None:
        """Returns the registration of a similar household that existed before the import; `None` without such a
        household. Each registration matches at most one household of the file, so that similar households stay
        separate.
        """
        case, since = household.case, start_of(household.since)
        known = takeover.known_already(self.act, case.alias, since, case.persons or (), household.unit_id)
        there = [one for one in known if one not in self._made | self._matched]
        self._matched |= set(there[:1])
        return next(iter(there), None)

    def _avoided(self, said: str) -> AvoidedInput:
        """Returns the location or unit that a cell names. Raises `Stop` for an unknown or ambiguous name."""
        found = [
            AvoidedInput(kind, one.id)
            for kind, table in ((AvoidedKind.LOCATION, Location), (AvoidedKind.UNIT, Unit))
            for one in self.register.index.named(table, said)
        ]
        if len(found) != 1:
            code = "import_ambiguous" if found else "import_part_unknown"
            raise Stop("avoided", code, found=said, ids=[one.target for one in found])
        return found[0]

    def _resident(self, rows: Sequence[Row], more: Mapping[str, object]) -> _Household:
        rooms = [self._room(row) for row in rows]
        if len({room.unit_id for room in rooms}) > 1:
            raise Stop("room", "import_household_in_two_units")
        by_room = sorted(zip(rooms, rows, strict=True), key=lambda one: one[0].id)
        taken = [RoomTaken(room, len(list(group))) for room, group in groupby(room.id for room, _ in by_room)]
        case = _case(rows, more, [row for _, row in by_room])
        since, unit_id = rows[0].values["came_on"], rooms[0].unit_id

        def take_over() -> str:
            stay = takeover.take_over_resident(
                self.act, case, unit_id=unit_id, rooms=taken, came_on=since, confirm=True
            )
            return stay.registration_id

        return _Household(case, since, unit_id, take_over)

    def _waiting(self, rows: Sequence[Row], more: Mapping[str, object]) -> _Household:
        case, since = _case(rows, more), rows[0].values["waits_since"]

        def take_over() -> str:
            return takeover.take_over_waiting(self.act, case, waits_since=since, confirm=True).id

        return _Household(case, since, None, take_over)

    def _room(self, row: Row) -> Room:
        within = self.register.within(row, ("shelter", Shelter), ("location", Location), ("unit", Unit))
        return self.register.part(Room, row, "room", within)


def _households(rows: Iterable[Row]) -> list[list[Row]]:
    found: dict[object, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.values.get("household", row.number)].append(row)
    return list(found.values())


def _case(rows: Sequence[Row], more: Mapping[str, object], persons: Sequence[Row] | None = None) -> Case:
    """Returns the case of these rows. `more`: facts that are not in the rows. `persons`: the same rows, in the order of
    their rooms. Languages are assumed to be spoken fluently.
    """
    values = rows[0].values
    spoken = [SpokenLanguage(code=code, level=LanguageLevel.FLUENT) for code in values.get("spoken", ())]
    facts: dict[str, object] = {
        name: list(value) if isinstance(value, tuple) else value for name, value in values.items() if name in FACTS
    }
    if "near" in facts:
        facts["near"] = PointInput(place=values["near"])
    parts = {"persons": _persons(persons or rows), "threats": _threats(rows), "reach": _reach(rows)}
    return Case.of({"language_required": bool(spoken), **facts, **parts, **more, "languages": spoken})


def _persons(rows: Iterable[Row]) -> list[PersonInput]:
    return [
        PersonInput(row.values["gender"], row.values["age"], guardian=row.values.get("guardian", False)) for row in rows
    ]


def _lacks_guardian(persons: Sequence[PersonInput]) -> bool:
    """Checks whether these persons include minors and adults, but nobody is marked as parent or guardian."""
    minors = [(person.age or 0) < ADULT for person in persons]
    return any(minors) and not all(minors) and not any(person.guardian for person in persons)


def _reach(rows: Iterable[Row]) -> list[ReachInput]:
    return [
        ReachInput(PointInput(place=row.values["reach"]), row.values["reach_km"])
        for row in rows
        if "reach" in row.values
    ]


def _threats(rows: Iterable[Row]) -> list[ThreatInput]:
    """Returns the dangers of a household. Each place occurs once, with the largest distance that was given for it."""
    found: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        if "threat" in row.values:
            found[row.values["threat"]] += [row.values["threat_km"]] if "threat_km" in row.values else []
    return [ThreatInput(PointInput(place=place), max(given, default=None)) for place, given in found.items()]
