"""The dated lists of codes, and the check of the facts of a record against the lists of its month."""

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

from placement.core.codes import Registrant
from placement.core.count_codes import MINORS, NO_SECTOR, UNKNOWN, CountFile, CountList
from placement.core.errors import Fault
from placement.core.need_codes import PartOfCountry
from placement.core.periods import PeriodKind, period_of
from placement.counts.facts import CountFacts

FIRST_MONTH = date(2000, 1, 1)
"""The earliest month of a record (assumed)."""
_FILE = Path(__file__).with_name("code_lists.toml")


@dataclass(frozen=True, slots=True)
class Code:
    """A code. `first`, `last`: the first and the last day on which the code is in its list; `None` without a limit.
    `htcds`: the name of the code in HTCDS 2.0. `has_sector`: true for a form of exploitation that has a sector.
    """

    code: str
    first: date | None = None
    last: date | None = None
    htcds: str | None = None
    has_sector: bool = False

    def holds_in(self, month: date) -> bool:
        """Checks whether the code was in its list on a day of the month that begins on the day `month`."""
        ends = period_of(PeriodKind.MONTH, month).ends_on
        return (self.first is None or self.first <= ends) and (self.last is None or self.last >= month)


@dataclass(frozen=True, slots=True)
class DatedList:
    """A list of codes, with the source of the list."""

    source: str
    codes: Mapping[str, Code]

    def of_month(self, month: date) -> list[Code]:
        return [code for code in self.codes.values() if code.holds_in(month)]


CodeLists = Mapping[CountList, DatedList]


@lru_cache(maxsize=1)
def code_lists() -> CodeLists:
    """Returns all lists, read once from `code_lists.toml`."""
    return read_lists(_FILE.read_text())


def read_lists(written: str) -> CodeLists:
    read = tomllib.loads(written)
    return {CountList(name): _list(dict(of_list)) for name, of_list in read.items()}


def _list(rows: dict[str, object]) -> DatedList:
    source, plain = str(rows.pop("source")), str(rows.pop("codes", "")).split()
    dated = {name: _code(name, facts) for name, facts in rows.items() if isinstance(facts, dict)}
    codes = {name: Code(name) for name in plain} | dated
    return DatedList(source, codes)


def _code(name: str, facts: dict[str, object]) -> Code:
    first, last, htcds = facts.get("from"), facts.get("until"), facts.get("htcds")
    return Code(
        name,
        first if isinstance(first, date) else None,
        last if isinstance(last, date) else None,
        None if htcds is None else str(htcds),
        bool(facts.get("sector")),
    )


def faults_of(facts: CountFacts, today: date, lists: CodeLists | None = None) -> list[Fault]:
    """Returns the faults of the facts of a record. `today`: the month of a record must not begin after this day."""
    return list(_faults(facts, today, lists or code_lists()))


def _faults(facts: CountFacts, today: date, lists: CodeLists) -> Iterator[Fault]:
    month = facts.month.replace(day=1)
    if month > today:
        yield Fault("month", "count_month_in_future", {"month": today.replace(day=1).isoformat()[:7]})
        return
    if month < FIRST_MONTH:
        yield Fault("month", "count_month_too_early", {"first": FIRST_MONTH.isoformat()[:7]})
        return
    yield from _outside("reporter", [facts.reporter], set(Registrant))
    yield from _outside("region", [facts.region], {*PartOfCountry, UNKNOWN})
    yield from _outside("file", [facts.file], set(CountFile))
    for field, of_list, codes in (
        ("exploitation", CountList.EXPLOITATION, (facts.exploitation,)),
        ("sector", CountList.SECTOR, () if facts.sector == NO_SECTOR else (facts.sector,)),
        ("means", CountList.MEANS, facts.means),
        ("recruitment", CountList.RECRUITMENT, facts.recruitment),
        ("origin", CountList.COUNTRY, (facts.origin,)),
        ("recruited_in", CountList.COUNTRY, (facts.recruited_in,)),
        ("age", CountList.AGE, (facts.age,)),
        ("gender", CountList.GENDER, (facts.gender,)),
        ("ground", CountList.GROUND, (facts.ground,)),
    ):
        for code in codes:
            yield from _not_in_list(field, lists[of_list], code, month)
    yield from _contradictions(facts, lists)


def _outside(field: str, given: Collection[str], known: Collection[str]) -> Iterator[Fault]:
    for code in given:
        if code not in known:
            yield Fault(field, "count_code_unknown", {"code": code})


def _not_in_list(field: str, of_list: DatedList, code: str, month: date) -> Iterator[Fault]:
    known = of_list.codes.get(code)
    if known is None:
        yield Fault(field, "count_code_unknown", {"code": code})
    elif not known.holds_in(month):
        if known.last is not None and known.last < month:
            yield Fault(field, "count_code_abolished", {"code": code, "last": known.last.isoformat()})
        elif known.first is not None:
            yield Fault(field, "count_code_not_yet", {"code": code, "first": known.first.isoformat()})


def _contradictions(facts: CountFacts, lists: CodeLists) -> Iterator[Fault]:
    form = lists[CountList.EXPLOITATION].codes.get(facts.exploitation)
    if form is not None and form.has_sector and facts.sector == NO_SECTOR:
        yield Fault("sector", "count_sector_missing")
    if form is not None and not form.has_sector and facts.sector not in {NO_SECTOR, UNKNOWN}:
        yield Fault("sector", "count_sector_without_form")
    if facts.alone and facts.age not in {*MINORS, UNKNOWN}:
        yield Fault("alone", "count_alone_adult")
