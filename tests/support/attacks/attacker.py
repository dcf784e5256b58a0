"""An attacker with a dump, the schema and the code, who wants to know the place of one client. Written to win.

The attacker knows which row of `registration` is the client's, or the day of arrival, give or take three days. Each
join that was found is a clue: it names units, and how much it is worth. All clues are added up, and the units are
guessed in that order. Without any clue the guess is the unit with the most beds, as anybody can guess who knows the
capacity.
"""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate, pairwise
from typing import Any

from tests.support.attacks.dump import CHUNK, TRANSACTION, Dump, values_in

AROUND = timedelta(days=3)
MOMENT = timedelta(seconds=2)
DEEPEST, WIDEST = 4, 60
OF_THE_CASE = frozenset(
    {"registration", "proposal", "decision", "hold", "stay", "bedclaim", "reminder", "message", "tasknotice"}
)
"""Tables whose rows are walked through; what others name is a clue, and leads no further."""

Clue = Iterator[tuple[float, Iterable[str]]]
"""How much it is worth, and the units that it names."""


class Attacker:
    def __init__(self, dump: Dump) -> None:
        self.dump = dump
        self._locate()
        self._named: defaultdict[Any, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
        self._keys: dict[Any, str] = {}
        for table, rows in self.dump.rows.items():
            for row in rows:
                if isinstance(row.get("id"), str):
                    self._keys[row["id"]] = table
                for value in {one for one in values_in(list(row.values())) if isinstance(one, str)}:
                    self._named[value].append((table, row))
        self._clocks = self._clock_times_of_places()
        self._transactions = self._transactions_of_places()
        self._told = self._numbers_told()
        self._changes = list(self._changes_of_counts())
        self._claims = self._claims_by_order()
        self._orders = list(self._orders_of_entry())

    # where: the public register

    def _locate(self) -> None:
        dump = self.dump
        self.location_of = {row["id"]: row["location_id"] for row in dump["unit"]}
        unit_of_room = {row["id"]: row["unit_id"] for row in dump["room"]}
        self.unit_of_bed = {row["id"]: unit_of_room[row["room_id"]] for row in dump["bed"]}
        self.beds = Counter(self.unit_of_bed.values())
        self._rooms_of = Counter((unit_of_room[row["room_id"]], row["room_id"]) for row in dump["bed"])
        shelter_of = {row["id"]: row["shelter_id"] for row in dump["location"]}
        self._units: defaultdict[str, set[str]] = defaultdict(set)
        for unit, location in self.location_of.items():
            for name in (unit, location, shelter_of[location]):
                self._units[name].add(unit)
        for room, unit in unit_of_room.items():
            self._units[room].add(unit)
        for table in ("organisation", "account", "webhook", "apikey"):
            for row in dump[table]:
                for name in ("shelter_id", "organisation_id", "account_id"):
                    if row.get(name) in self._units:
                        self._units[row["id"]] = self._units[row[name]]
        self._report_of = {row["id"]: row["shelter_id"] for row in dump["capacityreport"]}

    def _places_in(self, row: dict[str, Any]) -> Iterator[set[str]]:
        for value in values_in(list(row.values())):
            if isinstance(value, str) and value in self._units:
                yield self._units[value]
        if row.get("bed_id") in self.unit_of_bed:
            yield {self.unit_of_bed[row["bed_id"]]}
        if row.get("report_id") in self._report_of:
            yield self._units[self._report_of[row["report_id"]]]

    # guessing

    def by_capacity(self) -> list[str]:
        """Returns the units in the order of their public number of beds."""
        return sorted(self.beds, key=lambda unit: (-self.beds[unit], unit))

    def guesses(self, registration: str) -> list[str]:
        """Returns the units, the likeliest first, for an attacker who knows the client's registration."""
        rows = list(self._rows_of(registration))
        by_value = (self._names_of_places, self._same_moment, self._same_transaction, self._same_day)
        clues = (*by_value, self._same_order, self._same_number)
        found = [clue for make in clues for clue in make(rows)]
        return self._ranked([*found, *self._place_in_order(registration)])

    def guesses_by_day(self, arrived_on: date) -> list[str]:
        """Returns the units for an attacker who knows only the day of arrival, give or take three days."""
        return self._ranked(self._about_a_day(arrived_on))

    def _ranked(self, clues: Iterable[tuple[float, Iterable[str]]]) -> list[str]:
        worth: defaultdict[str, float] = defaultdict(float)
        for weight, named in clues:
            units = set(named)
            within = sum(self.beds[unit] for unit in units) or 1
            for unit in units:
                worth[unit] += weight * self.beds[unit] / within
        return sorted(self.beds, key=lambda unit: (-worth[unit], -self.beds[unit], unit))

    # what is the client's: by any name that leads from one row to the next

    def _rows_of(self, registration: str) -> Iterator[tuple[float, str, dict[str, Any]]]:
        """Yields every row that can be reached, and its worth, which is less with each step, and
        when the row is over.
        """
        seen, met, edge = {registration}, set(), [registration]
        for depth in range(DEEPEST):
            following: list[str] = []
            for name in edge:
                here = self._named[name]
                if len(here) > WIDEST and depth:
                    continue  # an account, a day: it leads everywhere
                for table, row in here:
                    if id(row) in met or row.get("registration_id") not in {None, registration}:
                        continue
                    met.add(id(row))
                    yield _stands(table, row) / (1 + depth), table, row
                    if table in OF_THE_CASE:
                        following += [
                            one
                            for one in values_in(list(row.values()))
                            if isinstance(one, str) and self._keys.get(one) in OF_THE_CASE - {"registration"}
                        ]
            edge = [one for one in following if one not in seen]
            seen.update(edge)

    # clues from the rows of a case

    def _names_of_places(self, rows: list[tuple[float, str, dict[str, Any]]]) -> Clue:
        for worth, table, row in rows:
            for units in self._places_in(row):
                yield (100 if table in OF_THE_CASE else 20) * worth, units

    def _same_moment(self, rows: list[tuple[float, str, dict[str, Any]]]) -> Clue:
        for worth, _, row in rows:
            for value in row.values():
                if isinstance(value, datetime):
                    begin = bisect_right(self._clocks, (value - MOMENT, "", ""))
                    for at, _table, unit_key in self._clocks[begin:]:
                        if at > value + MOMENT:
                            break
                        yield 10 * worth, self._units[unit_key]

    def _same_transaction(self, rows: list[tuple[float, str, dict[str, Any]]]) -> Clue:
        for worth, _, row in rows:
            for name in (TRANSACTION, "xmax"):
                for units in self._transactions.get(row.get(name), ()):
                    yield 20 * worth, units

    def _same_day(self, rows: list[tuple[float, str, dict[str, Any]]]) -> Clue:
        """Yields the units with a claim on a bed, or a change of a count, on a day that a row names."""
        for worth, table, row in rows:
            if table in {"hold", "stay"}:
                begun = [row.get(name) for name in ("starts_on", "arrived_at", "expected_at")]
                for day in {_day(one) for one in begun if isinstance(one, date)}:
                    yield from ((2 * worth * value, units) for value, units in self._about_a_day(day, timedelta(0)))

    def _same_order(self, rows: list[tuple[float, str, dict[str, Any]]]) -> Clue:
        """Yields the claims whose position in the data file is that of the stay or hold among its like."""
        for worth, table, row in rows:
            if (table, id(row)) in self._claims:
                yield 3 * worth, self._claims[table, id(row)]

    def _same_number(self, rows: list[tuple[float, str, dict[str, Any]]]) -> Clue:
        """Yields shelters with as many members and webhooks as messages were made at the moment of a row, or in its
        transaction.
        """
        for worth, _, row in rows:
            moments = {value for value in row.values() if isinstance(value, datetime)}
            for at in {*moments, (TRANSACTION, row.get(TRANSACTION))}:
                if at in self._told:
                    yield 10 * worth, self._as_many[self._told[at]]

    def _numbers_told(self) -> Counter[Any]:
        """Counts the messages by moment and by transaction. Also counts the recipients of each place, and stores which
        units have which number.
        """
        to_tell = [place for table, _, place in self._of_places() if table in {"account", "webhook"}]
        self._as_many: defaultdict[int, set[str]] = defaultdict(set)
        for units, number in Counter(frozenset(self._units[place]) for place in to_tell).items():
            self._as_many[number] |= units
        told: Counter[Any] = Counter()
        for row in self.dump["message"]:
            told.update({value for value in row.values() if isinstance(value, datetime)})
            told[TRANSACTION, row.get(TRANSACTION)] += 1
        return told

    def _claims_by_order(self) -> dict[tuple[str, int], list[str]]:
        """Returns, by row of a hold or stay, the units of the claims at the same position in their own table."""
        groups: list[list[str]] = []
        last = None
        for claim in self.dump["bedclaim"]:
            this = (claim.get("stay_id") or claim.get("hold_id"), claim["starts_on"])
            if this != last:
                groups.append([])
                last = this
            if claim["bed_id"] in self.unit_of_bed:
                groups[-1].append(self.unit_of_bed[claim["bed_id"]])
        found = {}
        for table in ("stay", "hold"):
            rows = self.dump[table]
            for number, row in enumerate(rows):
                if groups:
                    found[table, id(row)] = groups[number * len(groups) // len(rows)]
        return found

    def _place_in_order(self, registration: str) -> Clue:
        """Clients who were entered house by house stand in the order of the houses, in every table that names them."""
        ends = list(accumulate(self.beds[unit] for unit in self.beds))
        for order in self._orders:
            if registration in order:
                at = order[registration] * ends[-1] / len(order)
                yield 0.5, [list(self.beds)[min(bisect_right(ends, at), len(ends) - 1)]]

    def _orders_of_entry(self) -> Iterator[dict[str, int]]:
        """Yields orders of the clients who live in a place, for each table that names most of them. A client's rank
        follows the position of its row, the transaction that wrote the row, or the number of its long values.
        """
        housed = {row["registration_id"] for row in self.dump["stay"] if row.get("status") in {"in_house", "planned"}}
        for told in self.dump.rows.values():
            for by in ("", TRANSACTION, CHUNK):
                if by and len({row.get(by) for row in told}) < len(housed) / 2:
                    continue
                rows = sorted(told, key=lambda row: row.get(by) or 0) if by else told
                for column in rows[0] if rows else ():
                    named = dict.fromkeys(row[column] for row in rows if isinstance(row[column], str))
                    order = [case for case in named if case in housed]
                    if len(order) > len(housed) / 2:
                        yield {case: place for place, case in enumerate(order)}

    # clues from the rows of a place

    def _of_places(self) -> Iterator[tuple[str, dict[str, Any], str]]:
        """Rows in which a shelter acts or is written to, outside the tables of cases; the case is not in them."""
        for table, rows in self.dump.rows.items():
            if table in OF_THE_CASE - {"message"} or table in {"room", "bed", "location", "organisation"}:
                continue
            for row in rows:
                for value in values_in(list(row.values())):
                    if isinstance(value, str) and value in self._units:
                        yield table, row, value
                        break

    def _clock_times_of_places(self) -> list[tuple[datetime, str, str]]:
        return sorted(
            (value, table, place)
            for table, row, place in self._of_places()
            for value in row.values()
            if isinstance(value, datetime)
        )

    def _transactions_of_places(self) -> dict[Any, list[set[str]]]:
        """Returns, by transaction, the units whose shelter was written or locked in it."""
        found: defaultdict[Any, list[set[str]]] = defaultdict(list)
        bulk = Counter(row.get(TRANSACTION) for rows in self.dump.rows.values() for row in rows)
        for _, row, place in self._of_places():
            for name in (TRANSACTION, "xmax"):
                if row.get(name) and bulk[row[name]] < WIDEST:
                    found[row[name]].append(self._units[place])
        return found

    def _changes_of_counts(self) -> Iterator[tuple[date, set[str], int]]:
        """Yields the day, the unit and the fall in free beds, from the reports of shelters and of the service."""
        at = {row["id"]: row["month"] for row in self.dump["capacityreport"]}
        for column in ("counted_free", "derived_free"):
            series: defaultdict[str, list[tuple[date, int]]] = defaultdict(list)
            for row in self.dump["roomreport"]:
                if isinstance(row.get(column), int) and row["report_id"] in at:
                    series[row["room_id"]].append((_day(at[row["report_id"]]), row[column]))
            yield from self._falls(series)
        series = defaultdict(list)
        for report in self.dump["dailyreport"]:
            told = report["rows"] if isinstance(report["rows"], dict) else {}
            for unit in told.get("units", ()):
                beds = sum(int(room["free"]) for room in unit.get("rooms", ()) if room.get("free") is not None)
                series[unit["unit"]].append((report["on"], beds))
        yield from self._falls(series)

    def _falls(self, series: dict[str, list[tuple[date, int]]]) -> Iterator[tuple[date, set[str], int]]:
        for place, known in series.items():
            ordered = sorted(known)
            for (_, before), (day, after) in pairwise(ordered):
                if after < before:
                    yield day, self._units[place], before - after

    def _about_a_day(self, day: date, around: timedelta = AROUND) -> Clue:
        """Yields the places of rows that began, and of numbers that fell, near this day."""
        near: Callable[[Any], bool] = lambda one: isinstance(one, date) and abs(_day(one) - day) <= around  # noqa: E731
        for table in ("bedclaim", "stay", "hold"):
            for row in self.dump[table]:
                if near(row.get("starts_on")) or near(row.get("arrived_at")):
                    for units in self._places_in(row):
                        yield _stands(table, row) * 2, units
        for on, units, beds in self._changes:
            if near(on):
                yield 0.5 * beds, units
        for report in self.dump["dailyreport"]:
            told = report["rows"] if isinstance(report["rows"], dict) else {}
            for stay in told.get("stays", ()):
                began = _day(report["on"]) - timedelta(days=int(stay["day"]))
                if near(began):
                    yield 1, self._units[stay["unit"]]


def _stands(table: str, row: dict[str, Any]) -> float:
    """Returns the worth of a row: a current row shows the present place of the client, a row that is over shows a
    former place.
    """
    if table == "stay":
        return 10.0 if row.get("status") in {"in_house", "planned"} else 0.1
    if table == "hold":
        return 5.0 if row.get("status") in {"reserved", "waiting_for_shelter", "confirmed"} else 0.1
    if table == "bedclaim":
        return 5.0 if not row.get("cancelled") and row.get("ends_on") is None else 0.1
    if table == "avoidance":
        return 0.0
    return 0.5


def _day(at: date | datetime) -> date:
    return at.astimezone(UTC).date() if isinstance(at, datetime) else at
