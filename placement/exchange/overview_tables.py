"""Shelters, locations, units and rooms of the service, made from the rows of interpreted lists."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from placement.core.codes import Gender
from placement.core.geography import place_names
from placement.exchange.cell_doubts import Doubt
from placement.exchange.cell_vocabulary import plain
from placement.exchange.grid import Choice, Finding, letters
from placement.exchange.mapping import SheetMapping, fingerprint
from placement.exchange.overview import Overview, OverviewRow
from placement.exchange.overview_cells import scheme_choices
from placement.exchange.place_cells import town_doubt, towns_in
from placement.exchange.profile_columns import PROFILE
from placement.exchange.sheets import OVERVIEW, SHEETS
from placement.exchange.table_rows import Row, Table
from placement.exchange.values import as_text
from placement.text.catalogue import Language
from placement.text.labels import label

_TELEPHONES = ("placing", "night", "general")
_LIFE = ("opens_on", "open_until")
_GROUP = ("admits", "min_age", "max_age", "children", "children_max_age")
_Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KnownPlaces:
    """The places of the register with which a list is compared, by names in plain form (`plain`). `shelters`: the name
    of the provider, by the name of its shelter. `units`: pairs of the names of a shelter and its unit.
    """

    shelters: Mapping[str, str] = field(default_factory=dict)
    units: frozenset[tuple[str, str]] = frozenset()


@dataclass(slots=True)
class _Place:
    """A place of the list, with the rows that contain its facts."""

    list: Overview
    first: OverviewRow
    values: dict[str, object] = field(default_factory=dict)


def tables_of(lists: Sequence[Overview], known: KnownPlaces, language: Language) -> list[Table]:
    """Returns the service's tables for the lists of a file. Asks for facts that a place needs and no cell has."""
    maker = _Maker(known, language)
    for one in lists:
        for row in one.rows:
            maker.take(one, row)
    return maker.tables(lists)


class _Maker:
    def __init__(self, known: KnownPlaces, language: Language) -> None:
        self.known = known
        self.language = language
        self.shelters: dict[_Key, _Place] = {}
        self.locations: dict[_Key, _Place] = {}
        self.units: dict[_Key, _Place] = {}
        self.rooms: dict[_Key, list[_Place]] = defaultdict(list)
        self.last: dict[_Key, str] = {}
        self.towns: dict[_Key, dict[str, OverviewRow]] = defaultdict(dict)

    def take(self, one: Overview, row: OverviewRow) -> None:
        """Adds the places of a row. A place keeps the first value of each fact."""
        values = row.values
        shelter = values.get("shelter")
        if not isinstance(shelter, str):
            return
        location = str(values.get("location", shelter))
        of = (plain(shelter),)
        at = (*of, plain(location))
        house = self._place(self.shelters, of, one, row, {"name": shelter})
        self._put(house, values, ("provider", "opens_on") if "name" not in values else ("provider",))
        for use in _TELEPHONES:
            self._telephone(house, values.get(use), use)
        self._place(self.locations, at, one, row, {"shelter": shelter, "name": location})
        self._put(self.locations[at], values, ("address",))
        if isinstance(town := values.get("place"), str):
            self.towns[at].setdefault(town, row)
        if "name" not in values and "unit" not in values and not any(key[:2] == at for key in self.units):
            return
        unit = self._unit(at, one, row)
        self._put(unit, values, (*PROFILE, "children", "scheme"))
        if isinstance(values.get("name"), str):
            room = {"shelter": shelter, "location": location, "unit": unit.values["name"]}
            more = {
                name: values[name]
                for name in ("name", "several", "features", "beds", "split", *_LIFE)
                if name in values
            }
            self.rooms[*at, plain(str(unit.values["name"])), plain(str(values["name"]))].append(
                _Place(one, row, {**room, **more})
            )

    def _unit(self, at: _Key, one: Overview, row: OverviewRow) -> _Place:
        """Returns the unit of a row, by the name of the unit or by the group that it admits. Groups with the same name
        that admit different persons are separate units.
        """
        values = row.values
        profile = {name: values[name] for name in _GROUP if name in values}
        written = str(values["unit"]) if "unit" in values else ""
        name = written or (
            self._group(one, row)
            if profile
            else self.last.get(at, at[-1] and str(values.get("location", values["shelter"])))
        )
        unit = self.units.get((*at, plain(name)))
        if unit is not None and any(unit.values.get(fact, value) != value for fact, value in profile.items()):
            name = f"{name} ({self._group(one, row)})" if written else f"{name} {len(self.units)}"
        self.last[at] = name
        of = {"shelter": values["shelter"], "location": values.get("location", values["shelter"]), "name": name}
        return self._place(self.units, (*at, plain(name)), one, row, of)

    def _group(self, one: Overview, row: OverviewRow) -> str:
        """Returns the name of a group: the words in the file for the persons whom the group admits."""
        column = row.cells.get("admits")
        cell = one.grid.rows[row.number - 1][column - 1] if column and row.number <= len(one.grid.rows) else None
        if isinstance(cell, str) and one.named(column or 0) in {"admits", "ages"}:
            return as_text(cell)
        admits = row.values.get("admits")
        said = (
            [label("Gender", code, self.language) for code in admits if isinstance(code, Gender)]
            if isinstance(admits, tuple)
            else []
        )
        ages = "-".join(str(row.values[name]) for name in ("min_age", "max_age") if name in row.values)
        return ", ".join(said + ([ages] if ages else [])) or str(row.values.get("location", row.values["shelter"]))

    def _place(
        self, places: dict[_Key, _Place], key: _Key, one: Overview, row: OverviewRow, values: dict[str, object]
    ) -> _Place:
        return places.setdefault(key, _Place(one, row, values))

    def _put(self, place: _Place, values: Mapping[str, object], names: Iterable[str]) -> None:
        for name in names:
            if name in values:
                place.values.setdefault(name, values[name])

    def _telephone(self, house: _Place, number: object, use: str) -> None:
        """Adds a telephone number to a shelter: for this use or, if this use has a number, as a general number."""
        if number is None or number in [house.values.get(one) for one in _TELEPHONES]:
            return
        free = next((one for one in (use, "general") if one not in house.values), None)
        if free is not None:
            house.values[free] = number

    def tables(self, lists: Sequence[Overview]) -> list[Table]:
        """Returns the tables, sheet by sheet."""
        made: list[Table] = []
        self._complete()
        of_sheets = {"shelters": self.shelters, "locations": self.locations, "units": self.units}
        for one in lists:
            signature = fingerprint(signature_of(one))
            headings = [each for of in (one.layout, *one.others) for each in of.headings if each.text]
            columns = {plain(each.text): each.column.name if each.column else "" for each in headings}
            words = {name: said for name, said in one.words.items() if said}
            mapping = SheetMapping(OVERVIEW.name, columns, words) if words or one.mapping_given else None
            cells: dict[str, str] = {}
            for row in one.rows:
                for name, number in row.cells.items():
                    cells.setdefault(name, letters(number))
            for name, places in of_sheets.items():
                own = [place for place in places.values() if place.list is one]
                made.append(self._table(name, one, own, cells, signature, mapping if name == "shelters" else None))
            rooms = [places[0] for places in self.rooms.values() if places[0].list is one]
            made.append(
                self._table("rooms", one, [each for room in rooms for each in _apart(room)], cells, signature, None)
            )
        return made

    def _table(  # noqa: PLR0917 - a table and where it is from
        self,
        name: str,
        one: Overview,
        places: Iterable[_Place],
        cells: Mapping[str, str],
        signature: str,
        mapping: SheetMapping | None,
    ) -> Table:
        sheet = SHEETS[name]
        own = {column.name for column in sheet.columns}
        of_ours = {"shelter": "name"}.get("name") if name == "shelters" else None
        where = {column: cell for column, cell in cells.items() if column in own}
        if of_ours and "shelter" in cells:
            where["name"] = cells["shelter"]
        rows = [
            Row(place.first.number, {column: value for column, value in place.values.items() if column in own})
            for place in places
            if {column.name for column in sheet.columns if column.required} <= place.values.keys()
        ]
        return Table(sheet, one.name, rows, where, signature, mapping)

    def _complete(self) -> None:
        """Asks for towns of new locations and schemes of new units. Without answers, a trial uses guesses."""
        for key, house in self.shelters.items():
            house.values.setdefault("provider", self.known.shelters.get(key[0], house.values["name"]))
        for key, place in self.locations.items():
            self._town(key, place)
        for key, unit in self.units.items():
            if (key[0], key[-1]) in self.known.units:
                unit.values.pop("admits", None)
            if "scheme" not in unit.values and (key[0], key[-1]) not in self.known.units:
                self._scheme(unit)
            if "admits" not in unit.values:  # unknown persons are left out, so that the shelter is asked
                for name in PROFILE:
                    unit.values.pop(name, None)
            elif unit.values.get("children") is True and "children_max_age" not in unit.values:
                facts = {"found": unit.values["name"]}
                unit.list.findings.append(
                    Finding("import_children_age_unknown", unit.list.name, unit.first.number, facts=facts, blocks=False)
                )
            unit.values.setdefault("scheme", next(iter(scheme_choices())).gives["scheme"])  # type: ignore[index]

    def _town(self, key: _Key, place: _Place) -> None:
        towns = self.towns[key]
        name = str(place.values["name"])
        if len(towns) > 1:
            choices = [Choice(town, "as_it_is", {"place": town}, {"text": town}) for town in towns]
            doubt = Doubt("import_ask_towns", choices, found=name, number=len(towns), towns=", ".join(towns))
            row = list(towns.values())[1]
            chosen = place.list.ask(doubt, row.number, row.cells.get("place", 1))
            place.values["place"] = chosen.value if chosen else next(iter(towns))
        elif towns:
            place.values["place"] = next(iter(towns))
        elif self._asks_for_town(place):
            place.values["place"] = next(iter(place_names()))
        elif key[0] not in self.known.shelters:
            near, at = _towns_of_remarks(place.list)
            likely = [*near, *(town for towns in self.towns.values() for town in towns)]
            doubt = town_doubt("import_ask_town_of", likely, near[0] if len(near) == 1 else "", name)
            number = place.first.cells.get("shelter", 1)
            chosen = place.list.ask(
                doubt, place.first.number, number, about=f"town {key[-1]}", of="place", word=key[-1]
            )
            if chosen is None:
                place.list.findings[-1].places[:] = [(place.first.number, ""), *([at] if at else [])]
            place.values["place"] = (chosen or doubt.choices[0]).value

    def _asks_for_town(self, place: _Place) -> bool:
        """Checks whether the user is already asked for the town, by a question at the cell of the place."""
        asked = (one for one in place.list.findings if one.code in {"import_ask_town", "import_ask_unknown_town"})
        return any(place.first.number == row for one in asked for row, _ in one.places)

    def _scheme(self, unit: _Place) -> None:
        """Asks once for a scheme that applies to all units of a sheet without a scheme."""
        number = unit.first.cells.get("unit", 1)
        asked = next((one for one in unit.list.findings if one.about == "scheme"), None)
        if asked is not None:
            return
        doubt = Doubt("import_ask_scheme_of", scheme_choices())
        chosen = unit.list.ask(doubt, unit.first.number, number, about="scheme", of="", word="scheme")
        if chosen is not None and chosen.gives:
            unit.values["scheme"] = chosen.gives["scheme"]
        else:
            question = unit.list.findings[-1]
            question.places[:] = [(question.row or 1, "")]


def _apart(room: _Place) -> list[_Place]:
    """Returns a room for each number of beds, if the sender answered that the row means several rooms."""
    split = room.values.get("split")
    if not isinstance(split, tuple):
        return [room]
    name = room.values["name"]
    return [
        _Place(room.list, room.first, {**room.values, "name": f"{name} {at}", "beds": beds})
        for at, beds in enumerate(split, start=1)
    ]


def _towns_of_remarks(one: Overview) -> tuple[list[str], tuple[int, str] | None]:
    """Returns the towns in remarks and titles, and the cell of the first town, if no column contains towns."""
    found: dict[str, tuple[int, str]] = {}
    for (row, number), cell in one.cells.items():
        if cell.state == "title" and row <= len(one.grid.rows):
            for town in towns_in(as_text(one.grid.rows[row - 1][number - 1])):
                found.setdefault(town, (row, letters(number)))
    return list(found), next(iter(found.values()), None)


def signature_of(one: Overview) -> list[str]:
    """Returns the texts by which a later file in the same form is recognised: its headings, or the labels of a form."""
    if one.layout.rows:
        return [each.text for each in one.layout.headings]
    return [
        as_text(one.grid.rows[row - 1][number - 1])
        for (row, number), cell in one.cells.items()
        if cell.state == "title" and number == 1
    ]
