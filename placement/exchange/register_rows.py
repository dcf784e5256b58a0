"""The import of rows into the register, in order, by the register's operations. It makes new places and changes known
places. An empty cell changes nothing, and places that the file does not name stay unchanged.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from placement.accounts.shelter_telephones import enter_first
from placement.audit.log import id_alone
from placement.core.context import Act
from placement.core.errors import Conflict, Fault, Invalid
from placement.core.geography import Cell
from placement.core.place_codes import PlaceStatus, RoomRange
from placement.core.telephone_codes import TelephoneUse
from placement.exchange.cell_vocabulary import plain
from placement.exchange.fault_columns import COLUMNS_OF
from placement.exchange.grid import Finding
from placement.exchange.import_steps import Step, StepKind, Stop
from placement.exchange.profile_columns import LISTS, profile_of
from placement.exchange.register_columns import of_new, require_ages
from placement.exchange.register_index import AnyThing, RegisterIndex, Thing, name_of
from placement.exchange.room_names import rooms_named
from placement.exchange.room_ranges import rows_of_rooms
from placement.exchange.row_points import cell_of, point_of
from placement.exchange.sheets import Kind
from placement.exchange.table_rows import Row, Table
from placement.shelters import change_requests, closing, moving, register
from placement.shelters.beds import beds_of
from placement.tables import Location, Provider, Room, Shelter, Unit
from placement.tables.shelter import Lifetime


class RegisterRows:
    """An import of the rows of the register's sheets. All faults are collected and reported together."""

    def __init__(
        self, act: Act, doubtful: Iterable[Finding], ranges: RoomRange | None = None, sure_of: Collection[str] = ()
    ) -> None:
        """Takes the findings about cells (`doubtful`), and the meaning of rows with several rooms (`ranges`), for rows
        that do not state their meaning. `sure_of`: improbable telephone numbers that are right.
        """
        self.act = act
        self.sure_of = sure_of
        self._ranges = ranges
        self.index = RegisterIndex(act.session)
        self.steps: list[Step] = []
        self.findings: list[Finding] = []
        self._doubtful = {(one.code, one.sheet, one.row) for one in doubtful}
        self._unread = {(one.sheet, one.row, one.column) for one in doubtful if one.blocks and not one.choices}
        self._bad = {(sheet, row) for sheet, row, _ in self._unread}
        self._failed: set[str] = set()
        self._seen: dict[str, tuple[str, int]] = {}
        self._closings: list[tuple[Table, Row, Lifetime]] = []
        self._addresses: dict[str, str] = {}
        self._carry_out: dict[str, Callable[[Table, Row], Thing]] = {
            "shelters": self._shelter,
            "locations": self._location,
            "units": self._unit,
            "rooms": self._room,
        }

    def carry_out(self, tables: Iterable[Table]) -> None:
        given = list(tables)
        for sheet in self._carry_out:
            self.each_row(given, sheet, self._row)
        for table, row, thing in reversed(self._closings):
            with self.telling(table, row):
                self._close(table, row, thing)
        if self._addresses:
            change_requests.ask_for_addresses(self.act, self._addresses)

    def each_row(self, tables: Iterable[Table], sheet: str, do: Callable[[Table, Row], None]) -> None:
        """Calls `do` for the rows of a sheet, in order. If a row has an unreadable cell, calls `do` without the cell,
        so that all other faults are found too.
        """
        for table in (one for one in tables if one.sheet.name == sheet):
            for row in table.rows:
                with self.telling(table, row):
                    if self.is_bad(table, row):
                        self._try_the_rest(table, row, do)
                        raise Stop
                    do(table, row)

    def _try_the_rest(self, table: Table, row: Row, do: Callable[[Table, Row], None]) -> None:
        """Tries a row with example values in place of missing values, to find further faults. Does nothing if a missing
        value is a text, such as the name of a place.
        """
        lacks = [column for column in table.sheet.columns if column.required and column.name not in row.values]
        if any(column.kind is Kind.TEXT for column in lacks):
            return
        before = len(self.steps)
        try:
            do(table, replace(row, values={**{column.name: column.example for column in lacks}, **row.values}))
        finally:
            del self.steps[before:]

    def _row(self, table: Table, row: Row) -> None:
        here = (table.name, row.number)
        for one in self._rooms_of(row) if table.sheet.name == "rooms" else [row]:
            thing = self._carry_out[table.sheet.name](table, one)
            if (first := self._seen.setdefault(thing.id, here)) != here:
                raise Stop("name", "import_row_twice", first=first[1])
            if isinstance(thing, Lifetime) and row.values.get("closes_on") is not None:
                self._closings.append((table, one, thing))
            elif one.values.get("no_new_from") is not None:
                raise Stop("closes_on", "missing")

    def _rooms_of(self, row: Row) -> list[Row]:
        unit = self._unit_of(row)
        return rows_of_rooms(row, self._ranges, lambda name: bool(self.index.named(Room, name, (unit,))))

    def is_bad(self, table: Table, row: Row) -> bool:
        """Checks whether this row has an unreadable or missing cell, which was already reported."""
        lacks = {column.name for column in table.sheet.columns if column.required} - row.values.keys()
        return bool(lacks) or (table.name, row.number) in self._bad

    def is_unread(self, table: Table, row: Row, column: str) -> bool:
        """Checks whether the row's cell in this column could not be read."""
        return (table.name, row.number, table.letters[column]) in self._unread

    @contextmanager
    def telling(self, table: Table, row: Row) -> Iterator[None]:
        """Converts an error in the `with` block to findings about this row, which prevent the import of the file."""
        try:
            yield
        except Stop as stop:
            self._fail(row)
            if stop.code:
                self.findings.append(table.at(row, stop.column, stop.code, blocks=True, **stop.facts))
        except Invalid as wrong:
            self._fail(row)
            self.findings += [self._of_fault(table, row, fault) for fault in wrong.faults]
        except Conflict as wrong:
            self._fail(row)
            self.findings.append(table.at(row, "", wrong.code, blocks=True, **wrong.facts))

    def _of_fault(self, table: Table, row: Row, fault: Fault) -> Finding:
        whole = fault.field.split(".")[0]
        named = COLUMNS_OF.get(fault.field) or COLUMNS_OF.get(whole) or (fault.field,)
        column = next((one for one in named if one in table.letters), named[0])
        return table.at(row, column, fault.code, blocks=True, **fault.facts)

    def _fail(self, row: Row) -> None:
        """Stores the names in a row that failed, so that later rows with these names are not reported too."""
        said = [str(row.values[name]) for name in ("id", "name") if name in row.values]
        self._failed |= {plain(name) for one in said for name in (one, *rooms_named(one))}

    def _step(self, kind: StepKind, table: Table, row: Row, thing: Thing, **facts: object) -> None:
        what, facts = type(thing).__name__.lower(), {"within": self.index.path_of(thing), **facts}
        self.steps.append(Step(kind, what, thing.id, name_of(thing), table.name, row.number, facts))

    # look-ups

    def _known(self, kind: type[AnyThing], row: Row, within: tuple[Thing, ...]) -> AnyThing | None:
        """Returns the place of a row, by id, or else by name and containing place; `None` for a new place."""
        thing_id = row.values.get("id")
        if thing_id is not None:
            if (found := self.index.by_id(kind, thing_id)) is not None:
                if isinstance(found, Lifetime) and found.status is PlaceStatus.CLOSED:
                    raise Stop("id", "import_is_closed", found=thing_id)
                return found
            if id_alone(thing_id) is None:
                raise Stop("id", "import_id_not_ours", found=thing_id)
        named = self.index.named(kind, row.values["name"], within, exactly=thing_id is not None)
        if len(named) > 1:
            raise Stop("name", "import_ambiguous", found=row.values["name"], ids=[one.id for one in named])
        return named[0] if named else None

    def part(self, kind: type[AnyThing], row: Row, column: str, within: tuple[Thing, ...] = ()) -> AnyThing:
        """Returns the place whose id or name is in this cell. Raises `Stop` for an unknown or ambiguous name."""
        said = row.values[column]
        found = self.index.named(kind, said, within)
        if len(found) == 1:
            return found[0]
        if plain(said) in self._failed:
            raise Stop
        if found:
            raise Stop(column, "import_ambiguous", found=said, ids=[one.id for one in found])
        raise Stop(column, "import_part_unknown", found=said)

    def within(self, row: Row, *columns: tuple[str, type[Thing]]) -> tuple[Thing, ...]:
        """Returns the places that these columns of a row name. The place of the row is searched inside them."""
        within: tuple[Thing, ...] = ()
        for column, kind in columns:
            if column in row.values:
                within = (*within, self.part(kind, row, column, within))
        return within

    # one function per sheet

    def _shelter(self, table: Table, row: Row) -> Shelter:
        provider = self._provider(table, row)
        values = row.values
        found = self._known(Shelter, row, ())
        if found is None:
            found = register.make_shelter(self.act, provider.id, values["name"], **of_new(values))
            self._made(table, row, found)
            self._enter_numbers(table, row, found, is_new=True)
            return found
        if found.provider_id != provider.id:
            raise Stop("provider", "import_cannot_change", found=provider.name)
        changed = self._differing(table, row, found, ("name", "opens_on", "open_until"))
        if changed:
            with self._changing(table, row, found, changed):
                register.change_shelter(self.act, found.id, found.version, changed)
        self._enter_numbers(table, row, found)
        return found

    def _enter_numbers(self, table: Table, row: Row, shelter: Shelter, *, is_new: bool = False) -> None:
        """Enters the telephone numbers of uses that have no number yet. An import never changes an existing number."""
        written = {use: row.values[use.value] for use in TelephoneUse if use.value in row.values}
        if not written:
            return
        entered = enter_first(self.act, shelter, written, sure_of=self.sure_of, is_new=is_new)
        if entered.added and not is_new:
            columns = [use.value for use in entered.added]
            self._step(StepKind.CHANGE, table, row, shelter, columns=columns, before=dict.fromkeys(columns))
        for use in entered.kept:
            self.findings.append(table.at(row, use.value, "import_number_is_there", blocks=False))

    def _provider(self, table: Table, row: Row) -> Provider:
        name, given = row.values["provider"], row.values.get("provider_id")
        by_id = self.index.by_id(Provider, given) if given else None
        if given is not None and by_id is None and id_alone(given) is None:
            raise Stop("provider_id", "import_id_not_ours", found=given)
        if by_id is not None and by_id.name != name:
            raise Stop("provider", "import_provider_has_another_name", found=name, name=by_id.name)
        named = [by_id] if by_id else self.index.named(Provider, name)
        if len(named) > 1:
            raise Stop("provider_id", "import_ambiguous", found=name, ids=[one.id for one in named])
        if named:
            return named[0]
        return self._made(table, row, register.make_provider(self.act, name, as_id=given))

    def _location(self, table: Table, row: Row) -> Location:
        shelter = self.part(Shelter, row, "shelter")
        self._require_whole_point(table, row)
        found = self._known(Location, row, (shelter,))
        if found is None:
            found = self._new_location(table, row, shelter)
        else:
            self._change_location(table, row, found, shelter)
        if "address" in row.values:
            self._ask_for_address(table, row, found)
        return found

    def _require_whole_point(self, table: Table, row: Row) -> None:
        point = [name for name in ("latitude", "longitude") if name in row.values]
        if len(point) == 1:
            raise Stop(point[0], "place_or_point")
        if point and "place" in row.values:
            self.findings.append(table.at(row, "place", "import_point_counts", blocks=False))

    def _new_location(self, table: Table, row: Row, shelter: Shelter) -> Location:
        values = row.values
        where = point_of(values)
        if where is None:
            raise Stop("place", "place_or_point")
        made = register.make_location(
            self.act,
            shelter.id,
            values["name"],
            where,
            region=values.get("police_unit"),
            **of_new(values),
        )
        return self._made(table, row, made)

    def _change_location(self, table: Table, row: Row, found: Location, shelter: Shelter) -> None:
        if found.shelter_id != shelter.id:
            raise Stop("shelter", "import_cannot_change", found=shelter.name)
        changed = self._differing(table, row, found, ("name", "opens_on", "open_until", ("police_unit", "region")))
        where = point_of(row.values)
        if where is not None and cell_of(where) == Cell(found.cell_row, found.cell_column):
            where = None
        if changed or where is not None:
            moved: dict[str, object] = {"place": where} if where else {}
            was = {"place": (found.cell_row, found.cell_column), "region": found.region} if where else {}
            with self._changing(table, row, found, changed | moved, **was):
                register.change_location(self.act, found.id, found.version, changed, where)

    def _ask_for_address(self, table: Table, row: Row, location: Location) -> None:
        """Keeps the address in a row for the import's request. Adds a finding instead if the location has or awaits an
        address. An existing address is never compared with the row: imports could then be used to guess addresses.
        """
        if location.address is not None or change_requests.address_asked(self.act, location.id) is not None:
            self.findings.append(table.at(row, "address", "import_address_is_there", blocks=False))
            return
        self._addresses[location.id] = row.values["address"]
        self._step(StepKind.ASK, table, row, location)

    def _unit(self, table: Table, row: Row) -> Unit:
        location = self.part(Location, row, "location", self.within(row, ("shelter", Shelter)))
        values = row.values
        require_ages(values)
        found = self._known(Unit, row, (location,))
        if found is None:
            found = register.make_unit(
                self.act,
                location.id,
                values["name"],
                values["scheme"],
                high_care_limit=values.get("high_care_limit"),
                profile=self._new_profile(table, row),
                **of_new(values),
            )
            return self._made(table, row, found)
        if found.location_id != location.id:
            former = found.location_id
            moving.move_unit(self.act, found.id, found.version, location.id)
            self._step(StepKind.MOVE, table, row, found, to=location.id, before={"location": former})
        self._require_same_profile(row, found)
        changed = self._differing(table, row, found, ("name", "scheme", "high_care_limit", "opens_on", "open_until"))
        if changed:
            with self._changing(table, row, found, changed):
                register.change_unit(self.act, found.id, found.version, changed)
        return found

    def _new_profile(self, table: Table, row: Row) -> dict[str, object]:
        profile = profile_of(row.values)
        if not profile:
            self.findings.append(table.at(row, "admits", "import_no_profile", blocks=False))
        elif "admits" not in profile:
            raise Stop("admits", "import_admits_missing")
        return profile

    def _require_same_profile(self, row: Row, unit: Unit) -> None:
        for name, value in profile_of(row.values).items():
            now = getattr(unit, name)
            if (set(now) != set(value)) if name in LISTS else now != value:
                raise Stop(name, "import_profile_is_the_shelters")

    def _unit_of(self, row: Row) -> Unit:
        return self.part(Unit, row, "unit", self.within(row, ("shelter", Shelter), ("location", Location)))

    def _room(self, table: Table, row: Row) -> Room:
        unit, values = self._unit_of(row), row.values
        found = self._known(Room, row, (unit,))
        features = sorted(values["features"]) if "features" in values else None
        if found is None:
            name, beds = values["name"], values["beds"]
            found = register.make_room(self.act, unit.id, name, beds, features=features, **of_new(values))
            return self._made(table, row, found, beds=values["beds"])
        if found.unit_id != unit.id:
            raise Stop("unit", "import_cannot_change", found=unit.name)
        changed = self._differing(table, row, found, ("name", "opens_on", "open_until"))
        if features is not None and features != sorted(found.features):
            changed["features"] = features
        beds = len(beds_of(self.act, found)) if found.beds_wanted is None else found.beds_wanted
        if values["beds"] != beds:
            if values["beds"] > beds and ("import_beds_out_of_service", table.name, row.number) in self._doubtful:
                raise Stop("beds", "import_beds_report_first", beds=values["beds"])
            changed["beds"] = values["beds"]
        if changed:
            with self._changing(table, row, found, changed, beds=beds):
                register.change_room(self.act, found.id, found.version, changed)
        return found

    def _close(self, table: Table, row: Row, thing: Lifetime) -> None:
        until, since = row.values["closes_on"], row.values.get("no_new_from")
        if thing.status is PlaceStatus.CLOSING and thing.closes_on == until and since in {None, thing.no_new_from}:
            return
        if until < self.act.day and any(step.kind is StepKind.MAKE and step.thing == thing.id for step in self.steps):
            until = self.act.day  # the place comes from another service, in which it is already closing
            self.findings.append(table.at(row, "closes_on", "import_closes_today", blocks=False))
        _, here = closing.consequences(self.act, type(thing), thing.id)
        since = since and max(since, self.act.day)
        closing.close(self.act, type(thing), thing.id, thing.version, until, no_new_from=since)
        self._step(StepKind.CLOSE, table, row, thing, until=until, clients=len(here.stays), holds=len(here.holds))

    def _made(self, table: Table, row: Row, thing: AnyThing, **facts: object) -> AnyThing:
        self.index.add(thing)
        self._step(StepKind.MAKE, table, row, thing, **facts)
        return thing

    @contextmanager
    def _changing(
        self, table: Table, row: Row, thing: Lifetime, changed: Mapping[str, object], **before: object
    ) -> Iterator[None]:
        """Adds the step of a change at the end of the `with` block. `before`: old values that are not in `thing`."""
        was = {**{name: getattr(thing, name, None) for name in changed}, **before}
        yield
        self._step(StepKind.CHANGE, table, row, thing, columns=sorted(changed), before=was, after=changed)

    def _differing(
        self, table: Table, row: Row, thing: Lifetime, columns: Iterable[str | tuple[str, str]]
    ) -> dict[str, object]:
        """Returns the values that differ from the stored place, without the name by which the place was found."""
        changed = {}
        for one in columns:
            said, name = (one, one) if isinstance(one, str) else one
            value, now = row.values.get(said), getattr(thing, name)
            if value is None or value == now or (name == "name" and row.values.get("id") != thing.id):
                continue
            if name == "opens_on" and thing.status is not PlaceStatus.PLANNED:
                self.findings.append(table.at(row, said, "import_is_open_already", blocks=False))
                continue
            changed[name] = value
        return changed
