"""The import of rows of municipalities and areas. It makes new places, and changes the facts that differ, from the
row's first day on. The past is never changed: a first day in the past is replaced by today, with a finding.
"""

import unicodedata
from collections.abc import Collection, Iterable, Mapping
from datetime import date

from sqlmodel import select

from placement.area_changes import register as places
from placement.areas.lookup import Place, entries, names, places_of_day
from placement.areas.values import PlaceValue
from placement.core.area_codes import PlaceKind, published_code
from placement.core.codes import OrganisationKind
from placement.core.context import Act
from placement.core.telephone import numbered
from placement.exchange.cell_vocabulary import nearest, plain
from placement.exchange.import_steps import Step, StepKind, Stop
from placement.exchange.register_rows import RegisterRows
from placement.exchange.table_rows import Row, Table
from placement.tables import Organisation

KINDS = {"municipalities": PlaceKind.MUNICIPALITY, "areas": PlaceKind.AREA}
"""The kind of each sheet, in the order of the import, because an area names municipalities."""
_PLAIN_FACTS = ("name", "province", "schemes", "island", "partner", "partner_telephone", "partner_does")
_LISTS = frozenset({"municipalities", "coordinated_by"})
COLUMN_OF_FACT = {"age_from": "min_age", "age_until": "max_age"}
"""Facts whose column has another name. The column for the oldest age contains the last age of an area. The fact
contains the first age that is too old.
"""


class AreaRows:
    def __init__(self, act: Act, register: RegisterRows) -> None:
        self.act = act
        self.register = register
        self._sure_of = {"sure_of": register.sure_of}
        self._seen: dict[tuple[PlaceKind, str], int] = {}
        self._names = {kind: self._codes_by_name(kind) for kind in PlaceKind}
        self._municipalities = {entry.code for entry in entries(self.act.session, PlaceKind.MUNICIPALITY)}

    def carry_out(self, tables: Iterable[Table]) -> None:
        given = list(tables)
        for sheet in KINDS:
            self.register.each_row(given, sheet, self._row)

    def _row(self, table: Table, row: Row) -> None:
        kind = KINDS[table.sheet.name]
        code = self._code(row, kind)
        if kind is PlaceKind.MUNICIPALITY and code != (code := self._published(code)):
            self.register.findings.append(table.at(row, "id", "import_code_completed", blocks=False, found=code))
        if (first := self._seen.setdefault((kind, code), row.number)) != row.number:
            raise Stop("id", "import_row_twice", first=first)
        since = max(row.values.get("from_on", self.act.day), self.act.day)
        facts = self._facts(row)
        known = entries(self.act.session, kind, code)
        then = places_of_day(known, since).get(code)
        until = row.values.get("until_on")
        if not known:
            places.make(self.act, kind, code, facts | self._sure_of, since, until)
            self._made(table, row, code, kind, since)
        elif then is None:
            raise Stop("from_on", "place_not_begun", day=since.isoformat())
        elif then.value.ended:
            if until is None or until > since:
                raise Stop("id", "import_place_has_ended", found=row.values["name"])
            return
        elif not self._changed(table, row, kind, then, facts):
            return
        if row.values.get("from_on", since) < since:
            self.register.findings.append(table.at(row, "from_on", "import_holds_from_today", blocks=False))

    def _changed(
        self, table: Table, row: Row, kind: PlaceKind, then: Place[PlaceValue], facts: Mapping[str, object]
    ) -> bool:
        """Changes the facts that differ from `then`, the place on the row's first day. Returns true for a change."""
        since, until = max(row.values.get("from_on", self.act.day), self.act.day), row.values.get("until_on")
        if then.until is not None and until is not None and until > then.until:
            raise Stop("until_on", "import_place_ends_earlier", day=then.until.isoformat())
        until = None if until == then.until else until
        before = then.value.model_dump(mode="json")
        changed = {name: value for name, value in facts.items() if not _same(name, before[name], value)}
        if not changed and until is None:
            return False
        places.change(self.act, kind, then.code, then.version, changed | self._sure_of, since, until)
        columns = [COLUMN_OF_FACT.get(name, name) for name in changed] + (["until_on"] if until else [])
        was = {name: before[name] for name in changed}
        self._step(StepKind.CHANGE, table, row, then.code, columns=sorted(columns), before=was, since=since)
        return True

    def _made(self, table: Table, row: Row, code: str, kind: PlaceKind, since: date) -> None:
        self._names[kind].setdefault(plain(row.values["name"]), []).append(code)
        self._names[kind].setdefault(plain(code), []).append(code)
        self._step(StepKind.MAKE, table, row, code, since=since)

    def _step(self, kind: StepKind, table: Table, row: Row, code: str, **facts: object) -> None:
        what = table.sheet.name
        self.register.steps.append(Step(kind, what, code, row.values["name"], table.name, row.number, facts))

    def _code(self, row: Row, kind: PlaceKind) -> str:
        """Returns the code of a row. If the row has no code, returns the code of the place with the row's name. If
        there is no such place, returns a new code.
        """
        given, name = row.values.get("id"), row.values["name"]
        if given is not None:
            found = self._names[kind].get(plain(given), ())
            code = given if not found or given in found else found[0]
            if not (code.isascii() and code.replace("-", "a").isalnum() and code[0] != "-"):
                raise Stop("id", "import_code_not_plain", found=code)
            return str(code)
        found = sorted(set(self._names[kind].get(plain(name), ())))
        if len(found) > 1:
            raise Stop("name", "import_ambiguous", found=name, ids=found)
        made = found[0] if found else _code_of_name(name)
        if not made:
            raise Stop("name", "import_code_not_plain", found=name)
        return made

    def _facts(self, row: Row) -> dict[str, object]:
        """Returns the facts of a row in stored form, without empty cells."""
        values = row.values
        facts = {name: values[name] for name in _PLAIN_FACTS if name in values}
        if "min_age" in values:
            facts["age_from"] = values["min_age"]
        if "max_age" in values:
            facts["age_until"] = values["max_age"] + 1
        if "municipalities" in values:
            facts["municipalities"] = self._codes(row, "municipalities", PlaceKind.MUNICIPALITY)
        if "police_unit" in values:
            [facts["police_unit"]] = self._codes(row, "police_unit", PlaceKind.REGISTRANT_UNIT)
        if "coordinated_by" in values:
            facts["coordinated_by"] = [self._organisation(said) for said in values["coordinated_by"]]
        return facts

    def _codes(self, row: Row, column: str, kind: PlaceKind) -> list[str]:
        """Returns the codes of the places in a cell with names or codes. Raises `Stop` with all unknown names."""
        said = row.values[column] if isinstance(row.values[column], tuple) else (row.values[column],)
        known, is_published = self._names[kind], kind is PlaceKind.MUNICIPALITY
        written = {one: plain(self._published(one) if is_published else one) for one in said}
        found = {one: sorted(set(known.get(written[one], ()))) for one in said}
        if unknown := [one for one, codes in found.items() if not codes]:
            near = nearest(unknown[0], names(self.act.session, kind, self.act.day).values())
            code = "import_place_like" if near else "import_place_unknown"
            raise Stop(column, code, found=unknown, near=near or "")
        for one, codes in found.items():
            if len(codes) > 1:
                raise Stop(column, "import_ambiguous", found=one, ids=codes)
        return list(dict.fromkeys(codes[0] for codes in found.values()))

    def _published(self, code: str) -> str:
        return published_code(code, self._municipalities)

    def _organisation(self, said: str) -> str:
        """Returns the id of the organisation of care coordinators whose name or id is this text."""
        kind = OrganisationKind.CARE_COORDINATION
        known = self.act.session.exec(select(Organisation).where(Organisation.kind == kind)).all()
        found = [one.id for one in known if one.id == said] or [
            one.id for one in known if plain(one.name) == plain(said)
        ]
        if len(found) > 1:
            raise Stop("coordinated_by", "import_ambiguous", found=said, ids=found)
        if not found:
            raise Stop("coordinated_by", "import_coordination_unknown", found=said)
        return found[0]

    def _codes_by_name(self, kind: PlaceKind) -> dict[str, list[str]]:
        """Returns the codes of all places, by keys in plain form (`plain`): the code, and each old or new name."""
        found: dict[str, list[str]] = {}
        for entry in entries(self.act.session, kind):
            found.setdefault(plain(entry.code), []).append(entry.code)
            if "name" in entry.facts:
                found.setdefault(plain(str(entry.facts["name"])), []).append(entry.code)
        return found


def _same(name: str, before: object, value: object) -> bool:
    if isinstance(before, Iterable) and isinstance(value, Iterable) and name in _LISTS:
        return set(before) == set(value)
    if name == "partner_telephone":
        return before == numbered(name, str(value), [str(value)])[0]
    return before == value


def _code_of_name(name: str) -> str:
    """Returns a code derived from a name: `Regio Súdwest` becomes `regio-sudwest`."""
    apart = unicodedata.normalize("NFKD", name.casefold())
    letters: Collection[str] = [one if one.isalnum() else "-" for one in apart if one.isascii()]
    return "-".join(filter(None, "".join(letters).split("-")))[:40]
