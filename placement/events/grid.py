"""The grid of an event: rows that people type or paste, and the registration of complete households.

A row is a person. Persons with the same letter are a household. Rows are stored even with wrong cells, so that no row
is lost. A wrong cell is marked, and prevents only the registration of its household.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import AgeGroup, LanguageLevel
from placement.core.context import Act
from placement.core.errors import Fault, Invalid
from placement.events.events import event_of, member_rows, require_live
from placement.events.members import add, forget
from placement.exchange.cell_vocabulary import codes_by_word, columns_by_name, plain
from placement.exchange.csv_read import read_csv
from placement.exchange.fault_columns import COLUMNS_OF
from placement.exchange.grid import Grid
from placement.exchange.sheets import SHEETS, Sheet
from placement.exchange.values import Read, Unreadable, as_text
from placement.registrations import registrations
from placement.registrations.case import Case, PersonInput, PointInput, ThreatInput
from placement.registrations.entitlement import ADULT
from placement.tables import EventMember, MassEvent
from placement.tables.event import CellFault, MemberContent, SharedFacts
from placement.tables.facts import SpokenLanguage
from placement.text.catalogue import Language

LINKS = ("stay_with", "keep_apart")
_SHARED = ("region", "residence_basis", "needed_from")
"""Facts of a household that its rows can contain. They replace the shared facts of the event."""
_NAMES = ("household", "gender", "age", "guardian", "spoken", "needs", "threat", *LINKS, *_SHARED, "room_needs")
MEMBERS = Sheet(
    "members",
    tuple(replace(SHEETS["waiting"].column(name), required=False, of_first_row=False) for name in _NAMES),
    by=Permission.EVENT_CHANGE,
)
"""The columns of the grid, in their order. They are read like the columns of the sheet of waiting clients."""
LONGEST_CELL = 400
_FEWEST_HEADINGS = 2
"""The smallest number of known headings by which the first line is recognised as headings."""


@dataclass(frozen=True, slots=True)
class TypedRow:
    """A row as it was sent. `id`, `version`: of the stored row that it replaces; `None` for a new row."""

    cells: Mapping[str, str]
    id: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class _Household:
    rows: Sequence[EventMember]
    values: Sequence[Mapping[str, object]]

    def all_of(self, name: str) -> list[object]:
        """Returns all values of a list column in the household's rows, without duplicates."""
        found = [one for row in self.values for one in _listed(row.get(name))]
        return list(dict.fromkeys(found))

    def first(self, name: str) -> object:
        return next((row[name] for row in self.values if name in row), None)


@needs(Permission.EVENT_CHANGE)
def save_rows(act: Act, event_id: str, typed: Sequence[TypedRow], language: Language) -> list[str]:
    """Stores typed rows, and marks the wrong cells of all rows. Deletes rows without any value. Returns the ids of rows
    that another person changed or registered meanwhile. Such rows are not stored.
    """
    event = event_of(act, event_id, lock=True)
    require_live(event)
    known = {row.id: row for row in member_rows(act, event)}
    passed = []
    for one in typed:
        cells = {name: text for name in _NAMES if (text := _cleaned(one.cells.get(name, "")))}
        row = known.get(one.id or "")
        if row is None:
            if one.id is not None:
                passed.append(one.id)
            elif cells:
                add(act, event, MemberContent(position=0, household=cells.get("household", ""), cells=cells))
        elif row.registration_id is not None or row.version != one.version:
            passed.append(row.id)
        elif not cells:
            forget(act, row)
        elif cells != row.content.cells:
            changed = {"cells": cells, "household": cells.get("household", "")}
            row.content, row.version = row.content.model_copy(update=changed), row.version + 1
    act.session.flush()
    audit_log.write(act, Event.EVENT_CHANGED, subject=event.id, fields=["members"])
    _mark(act, event, language)
    return passed


@needs(Permission.EVENT_CHANGE)
def register_members(act: Act, event_id: str, language: Language) -> int:
    """Registers each household whose rows have no fault as an ordinary case. Returns the number of new cases. The other
    households keep their rows, with marks at the wrong cells.
    """
    event = event_of(act, event_id, lock=True)
    require_live(event)
    made = 0
    for household in _mark(act, event, language):
        if any(row.content.faults for row in household.rows):
            continue
        case = _case(event, household, _links(act, event, household))
        if faults := registrations.faults_of(act, case):
            _store_faults(household, _of_faults(household, faults))
            continue
        registered = registrations.register(act, case)
        kept = _lacks_guardian(case.persons or ())
        for row in household.rows:
            links = {name: text for name, text in row.content.cells.items() if name in LINKS}
            notes = [CellFault(column="guardian", code="import_no_guardian")] if kept else []
            row.content = row.content.model_copy(update={"cells": links, "faults": notes})
            row.registration_id, row.version = registered.id, row.version + 1
        act.session.flush()
        audit_log.write(act, Event.EVENT_MEMBER_ADDED, subject=event.id, registration=registered.id)
        made += 1
    return made


def pasted_rows(text: str) -> list[TypedRow]:
    """Returns the rows of a pasted text, whose cells are separated by tabs or as in a CSV file. The first line can have
    headings, in any order and language. Without headings, the columns are in the order of the grid. Raises `Invalid`
    for an unknown heading, because its column could name persons who must be kept apart.
    """
    lines = [line for line in text.replace("\r\n", "\n").split("\n") if line.strip()]
    if any("\t" in line for line in lines):
        table = [[cell.strip() for cell in line.split("\t")] for line in lines]
    else:
        table = [[as_text(cell) for cell in row] for row in read_csv("\n".join(lines).encode(), "").rows]
    if not table:
        return []
    known = [columns_by_name(MEMBERS).get(plain(cell)) for cell in table[0]]
    found = [column.name if column else "" for column in known]
    is_heading = sum(map(bool, found)) >= _FEWEST_HEADINGS
    if is_heading and (unknown := [cell for cell, name in zip(table[0], found, strict=True) if cell and not name]):
        raise Invalid([Fault("pasted", "import_heading_unknown", {"found": one}) for one in unknown])
    names, rows = (found, table[1:]) if is_heading else (list(_NAMES), table)
    return [TypedRow({name: cell for name, cell in zip(names, row, strict=False) if name and cell}) for row in rows]


def _mark(act: Act, event: MassEvent, language: Language) -> list[_Household]:
    """Marks the wrong cells of the rows that are not registered, and returns their households in the order of rows."""
    rows = member_rows(act, event)
    waiting = [row for row in rows if row.registration_id is None]
    by_name: dict[str, list[EventMember]] = {}
    for row in waiting:
        by_name.setdefault(plain(row.content.household) or row.id, []).append(row)
    registered = {plain(row.content.household) for row in rows if row.registration_id and row.content.household}
    found = []
    for name, theirs in by_name.items():
        read = [_values(row, language) for row in theirs]
        household = _Household(theirs, [values for values, _ in read])
        faults = [wrong for _, wrong in read]
        if name in registered:
            faults[0].append(CellFault(column="household", code="household_is_registered"))
        _find_contradictions(household, faults, event.made_on)
        _find_unknown(household, faults, {*by_name, *registered})
        if not any(faults):
            case = _case(event, household, _links(act, event, household))
            faults = _of_faults(household, registrations.faults_of(act, case))
        _store_faults(household, faults)
        found.append(household)
    act.session.flush()
    return found


def _values(row: EventMember, language: Language) -> tuple[dict[str, object], list[CellFault]]:
    """Returns the values of a row, parsed from its cells, and its faults."""
    values: dict[str, object] = {}
    faults = []
    for name, text in row.content.cells.items():
        groups = codes_by_word(AgeGroup)
        if name == "age" and plain(text) in groups:
            values["presumed"] = groups[plain(text)]
            continue
        try:
            value = Read(MEMBERS.column(name), Grid("", []), language, {}).value(text)
        except Unreadable as wrong:
            faults.append(CellFault(column=name, code=wrong.code, facts=wrong.facts))
        else:
            values |= {} if value is None else {name: value}
    read = values.keys() | {fault.column for fault in faults}
    faults += [
        CellFault(column=name, code="missing")
        for name in ("gender", "age")
        if name not in read and not (name == "age" and "presumed" in read)
    ]
    return values, faults


def _find_contradictions(household: _Household, faults: Sequence[list[CellFault]], earliest: date) -> None:
    """Adds a fault for each cell that differs between rows of the household, or contains a day before `earliest`."""
    for name in _SHARED:
        first = household.first(name)
        for wrong, values in zip(faults, household.values, strict=True):
            if name in values and values[name] != first:
                wrong.append(CellFault(column=name, code="differs_in_household"))
    for wrong, values in zip(faults, household.values, strict=True):
        day = values.get("needed_from")
        if isinstance(day, date) and day < earliest:
            wrong.append(CellFault(column="needed_from", code="day_past"))


def _find_unknown(household: _Household, faults: Sequence[list[CellFault]], names: set[str]) -> None:
    """Adds a fault for each cell that names neither a household of the event nor the reference of a case."""
    for wrong, values in zip(faults, household.values, strict=True):
        for link in LINKS:
            unknown = [str(one) for one in _listed(values.get(link)) if plain(str(one)) not in names]
            if unknown and not all("-" in one for one in unknown):
                wrong.append(CellFault(column=link, code="member_unknown", facts={"found": unknown[0]}))


def _links(act: Act, event: MassEvent, household: _Household) -> dict[str, list[str]]:
    """Returns, by kind of link, the registered cases with which this household is linked. A link is stored when the
    second of two households is registered, even if only the rows of the first household name it.
    """
    own = plain(household.rows[0].content.household)
    cases: dict[str, str] = {}
    found: dict[str, list[str]] = {link: [] for link in LINKS}
    rows = [row for row in member_rows(act, event) if row.registration_id]
    for row in rows:
        cases.setdefault(plain(row.content.household), str(row.registration_id))
        for link in LINKS:
            if own and own in map(plain, _texts(row.content.cells.get(link, ""), link)):
                found[link].append(str(row.registration_id))
    for link in LINKS:
        for said in map(str, household.all_of(link)):
            if (name := plain(said)) in cases:
                found[link].append(cases[name])
            elif "-" in said:
                found[link].append(said)
    return {link: list(dict.fromkeys(ids)) for link, ids in found.items() if ids}


def _case(event: MassEvent, household: _Household, links: Mapping[str, list[str]]) -> Case:
    """Returns the case of a household, from the shared facts of the event and the facts of the household's rows."""
    shared: SharedFacts = event.content.shared
    spoken = [str(one) for one in household.all_of("spoken")] or list(shared.languages)
    dangers = [(one.place, one.min_km) for one in shared.dangers]
    dangers += [(str(row["threat"]), None) for row in household.values if "threat" in row]
    facts: dict[str, object] = {
        "registrant": shared.registrant,
        "residence_basis": household.first("residence_basis") or shared.residence_basis,
        "urgency": shared.urgency,
        "languages": [SpokenLanguage(code=code, level=LanguageLevel.FLUENT) for code in spoken],
        "language_required": bool(spoken) and shared.language_required,
        "needs": household.all_of("needs"),
        "room_needs": household.all_of("room_needs"),
        "threats": [ThreatInput(PointInput(place=place), km) for place, km in dict(dangers).items()],
        "persons": [_person(values) for values in household.values],
        "sharing_ground": shared.sharing_ground,
        "sharing_said_by": shared.sharing_said_by,
        **links,
    }
    if region := household.first("region") or shared.region:
        facts["region"] = region
    if shared.registrant_unit:
        facts["registrant_unit"] = shared.registrant_unit
    day = household.first("needed_from") or (event.content.day if event.content.day > event.made_on else None)
    if day is not None:
        facts["needed_from"] = facts["needed_by"] = day
    return Case.of(facts)


def _person(values: Mapping[str, object]) -> PersonInput:
    known = {name: values[name] for name in ("gender", "age", "presumed") if name in values}
    return PersonInput(**known, guardian=bool(values.get("guardian")))  # type: ignore[arg-type]  # as `Read` gives them


def _of_faults(household: _Household, faults: Iterable[Fault]) -> list[list[CellFault]]:
    """Returns the faults of a case by row. A fault of a person belongs to the person's row. Any other fault belongs to
    the first row with a value in the column of the fault.
    """
    found: list[list[CellFault]] = [[] for _ in household.rows]
    for fault in faults:
        whole, _, rest = fault.field.partition(".")
        names = COLUMNS_OF.get(fault.field) or COLUMNS_OF.get(whole) or (whole,)
        column = names[0] if names[0] in _NAMES else ""
        number = rest.partition(".")[0]
        if whole == "persons" and number.isdigit():
            at = int(number)
        else:
            at = next((n for n, row in enumerate(household.rows) if column in row.content.cells), 0)
        found[at].append(CellFault(column=column, code=fault.code, facts=dict(fault.facts)))
    return found


def _store_faults(household: _Household, faults: Sequence[Sequence[CellFault]]) -> None:
    for row, wrong in zip(household.rows, faults, strict=True):
        if list(row.content.faults) != list(wrong):
            row.content = row.content.model_copy(update={"faults": list(wrong)})


def _lacks_guardian(persons: Iterable[PersonInput]) -> bool:
    """Checks whether these persons include minors and adults, but nobody is marked as parent or guardian."""
    known = list(persons)
    minors = [one.presumed is AgeGroup.MINOR or (one.age is not None and one.age < ADULT) for one in known]
    return any(minors) and not all(minors) and not any(one.guardian for one in known)


def _texts(text: str, link: str) -> list[str]:
    column = MEMBERS.column(link)
    return [str(one) for one in _listed(Read(column, Grid("", []), "en", {}).value(text))]


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, tuple | list) else [] if value is None else [value]


def _cleaned(text: str) -> str:
    return as_text(text)[:LONGEST_CELL]
