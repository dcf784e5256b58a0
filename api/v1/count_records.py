"""The count register of presumed victims: its records, their corrections, and persons who were reported twice."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated

from litestar.params import FromPath, JSONBody, QueryParameter
from pydantic import Field

from api.http.context import Input, Output, Versioned
from api.http.field_types import LEFT_OUT, Code
from api.http.operations import get, patch, post
from api.v1.reports import day_named
from placement.access.permissions import Permission, Reach
from placement.areas.lookup import registrant_units
from placement.core.codes import Registrant
from placement.core.context import Act
from placement.core.count_codes import NO_SECTOR, UNKNOWN, CountFile, CountStatus
from placement.core.errors import Invalid
from placement.core.need_codes import part_of_country
from placement.counts import corrections, inbox, reading, register
from placement.counts.code_lists import code_lists
from placement.counts.facts import CountFacts
from placement.counts.persons import Person
from placement.registrants.senders import sender_of
from placement.tables import CountRecord

_MOST_CODES = 20
MonthNamed = Annotated[str, Field(max_length=10, description="The month of the report, such as 2026-11.")]
Reason = Annotated[str, Field(min_length=1, max_length=500, description="Why, for those who read the history.")]


class CountPersonIn(Input):
    """Name and day of birth. The service makes a keyed pseudonym from them, and does not store them."""

    name: str = Field(min_length=1, max_length=200)
    born_on: Annotated[date, Field(strict=False)]


class CountRecordIn(Input):
    """The coded facts of a presumed victim (`GET /count-codes`). Leave out what you do not know."""

    month: MonthNamed
    reporter: Registrant = Field(Registrant.OVERIG, description="Of a registrant's account it is that of its unit.")
    unit: Code | None = Field(None, description="The unit that reports; it gives the coarse region.")
    exploitation: Code
    sector: Code = Field(NO_SECTOR, description="`none` if the form of exploitation has no sector.")
    means: list[Code] = Field([], max_length=_MOST_CODES)
    recruitment: list[Code] = Field([], max_length=_MOST_CODES)
    origin: Code = Field(UNKNOWN, description="The country of origin, by its code in ISO 3166-1.")
    recruited_in: Code = Field(UNKNOWN, description="The country of recruitment.")
    age: Code = UNKNOWN
    gender: Code = UNKNOWN
    alone: bool = Field(default=False, description="A minor without a parent or guardian.")
    file: CountFile = CountFile.COUNT_ONLY
    ground: Code
    person: CountPersonIn | None = Field(None, description="Without it the record cannot be compared with others.")


class CountRecordPatch(Input):
    """Corrected facts of a record, such as the kind of file, and the reason of the correction."""

    month: MonthNamed = LEFT_OUT
    reporter: Registrant = LEFT_OUT
    unit: Code | None = None
    exploitation: Code = LEFT_OUT
    sector: Code = LEFT_OUT
    means: list[Code] = Field(LEFT_OUT, max_length=_MOST_CODES)
    recruitment: list[Code] = Field(LEFT_OUT, max_length=_MOST_CODES)
    origin: Code = LEFT_OUT
    recruited_in: Code = LEFT_OUT
    age: Code = LEFT_OUT
    gender: Code = LEFT_OUT
    alone: bool = LEFT_OUT
    file: CountFile = LEFT_OUT
    ground: Code = LEFT_OUT
    reason: Reason


class CountReasonIn(Input):
    reason: Reason


class CountMergeIn(CountReasonIn):
    into: Code = Field(description="The reference of the record that stands for both.")


class CountSentOut(Output):
    """The answer to every sent record. It discloses nothing about other records."""

    in_register_on: date = Field(description="The day from which a registrar sees it.")


class CountCodeOut(Output):
    code: str
    first: date | None = Field(description="Its first day in the list; null: from the beginning.")
    last: date | None = Field(description="Its last day in the list; null: none is known.")
    htcds: str | None = Field(description="The name of the same code in HTCDS 2.0.")
    has_sector: bool


class CountListOut(Output):
    name: str
    source: str
    codes: list[CountCodeOut]


class CountCodesOut(Output):
    lists: list[CountListOut]


class CountRecordOut(Output):
    """A record of the register. Analysts do not see its reference."""

    reference: str = Field(description="Empty for an analyst.")
    status: CountStatus
    from_on: date = Field(description="The day of this version.")
    comparable: bool = Field(description="Whether it has a pseudonym, so that a double is found.")
    month: date
    reporter: str
    region: str
    exploitation: str
    sector: str
    means: list[str]
    recruitment: list[str]
    origin: str
    recruited_in: str
    age: str
    gender: str
    alone: bool
    file: CountFile
    ground: str


class CountVersionOut(CountRecordOut):
    version: int
    unit: str | None
    until_on: date | None = Field(description="The day of the next version; null: this is the newest version.")
    into: str | None = Field(description="The record that stands for it too.")
    changed_by: str | None
    reason: str


class CountMonthOut(Output):
    month: date
    records: int


class CountRecordsOut(Output):
    """The register of a month, now or as it was on a past day."""

    month: date
    day: date | None
    months: list[CountMonthOut] = Field(description="The months of that year with valid records.")
    items: list[CountRecordOut]


class CountHistoryOut(Versioned, Output):
    """All versions of a record, newest first. `version`: the newest version."""

    items: list[CountVersionOut]


class CountDoubleOut(Output):
    """A group of valid records that are probably about the same person."""

    items: list[CountVersionOut]
    differing: list[str] = Field(description="The facts in which they contradict each other.")


class CountDoublesOut(Output):
    items: list[CountDoubleOut]
    total: int = Field(description="The number of all persons who seem to be counted twice.")


@get("/count-codes", summary="Read the lists of codes of counts", permission=Permission.COUNT_CODES_READ)
def read_count_codes(
    act: Act,  # noqa: ARG001 - as of any route
    month: Annotated[str, QueryParameter(max_length=10, description="Only codes of this month: 2026-11.")] = "",
) -> CountCodesOut:
    """Read the dated lists: forms of exploitation, sectors, means of control and others, each with its source."""
    of = month_named(month) if month else None
    lists = [
        CountListOut(
            name=name,
            source=one.source,
            codes=[CountCodeOut.of(code) for code in (one.of_month(of) if of else one.codes.values())],
        )
        for name, one in code_lists().items()
    ]
    return CountCodesOut(lists=lists)


@post("/count-records", summary="Send a count record in", permission=Permission.COUNT_SEND, status_code=201)
def send_count_record(act: Act, data: JSONBody[CountRecordIn]) -> CountSentOut:
    """Send a record in. It is in the register from the next day on. The time of sending is not stored."""
    reporter, unit = data.reporter, data.unit
    if Permission.SENT_SEND.is_of(act.actor):
        sender = sender_of(act)
        unit, faults = sender.unit(data.unit)
        if faults:
            raise Invalid(faults)
        reporter = sender.kind(unit)
    facts = data.model_dump(exclude={"month", "unit", "person"}) | {"reporter": reporter}
    person = Person(data.person.name, data.person.born_on) if data.person else None
    sent = _facts({**facts, "month": month_named(data.month), "region": _region(act, unit)})
    return CountSentOut(in_register_on=inbox.send(act, sent, unit=unit, person=person))


@get("/count-records", summary="Read the count register of a month", permission=Permission.COUNTS_READ)
def list_count_records(
    act: Act,
    month: Annotated[str, QueryParameter(max_length=10, description="Such as 2026-11; by default this month.")] = "",
    day: Annotated[str, QueryParameter(max_length=10, description="The register as it was on this day.")] = "",
) -> CountRecordsOut:
    """Read the records of a month, including merged and withdrawn records. An analyst gets no references."""
    of, on = month_named(month) if month else act.day.replace(day=1), day_named(day) if day else None
    found = reading.of_month(act, of, on)
    numbers = reading.numbers_of_year(act, of.year, on)
    named = Permission.COUNTS_READ.reach_of(act.actor) is Reach.ALL
    return CountRecordsOut(
        month=of,
        day=on,
        months=[CountMonthOut(month=one, records=number) for one, number in numbers.items()],
        items=[CountRecordOut.model_validate(_told(one, named=named)) for one in found],
    )


@get("/count-records/{reference:str}", summary="Read a count record", permission=Permission.COUNT_READ)
def read_count_record(act: Act, reference: FromPath[str]) -> CountHistoryOut:
    """Read all versions of a record, newest first."""
    return _history(reading.versions(act, reference))


@patch("/count-records/{reference:str}", summary="Correct a count record", permission=Permission.COUNT_CHANGE)
def change_count_record(
    act: Act, reference: FromPath[str], version: int, data: JSONBody[CountRecordPatch]
) -> CountHistoryOut:
    """Correct facts of a record, such as the kind of file. The earlier version stays in its history."""
    changed = data.model_dump(include=data.model_fields_set - {"reason"})
    if "month" in changed:
        changed["month"] = month_named(data.month)
    if "unit" in changed:
        changed["region"] = _region(act, data.unit)
    corrections.change(act, reference, version, changed, data.reason)
    return read_count_record(act, reference)


@post(
    "/count-records/{reference:str}/merge",
    summary="Merge a count record into another",
    permission=Permission.COUNT_CHANGE,
)
def merge_count_record(
    act: Act, reference: FromPath[str], version: int, data: JSONBody[CountMergeIn]
) -> CountHistoryOut:
    """Merge a record into another record about the same person, so that the person is counted once."""
    corrections.merge(act, reference, version, data.into, data.reason)
    return read_count_record(act, reference)


@post(
    "/count-records/{reference:str}/withdrawal",
    summary="Withdraw a count record",
    permission=Permission.COUNT_CHANGE,
)
def withdraw_count_record(
    act: Act, reference: FromPath[str], version: int, data: JSONBody[CountReasonIn]
) -> CountHistoryOut:
    """Withdraw a record that should not have been sent."""
    corrections.withdraw(act, reference, version, data.reason)
    return read_count_record(act, reference)


@post(
    "/count-records/{reference:str}/difference",
    summary="State that a count record is about another person",
    permission=Permission.COUNT_CHANGE,
)
def tell_count_record_apart(
    act: Act, reference: FromPath[str], version: int, data: JSONBody[CountReasonIn]
) -> CountHistoryOut:
    """State that a record is not about the same person as the other records with its pseudonym. This record is no
    longer listed as a double.
    """
    corrections.tell_apart(act, reference, version, data.reason)
    return read_count_record(act, reference)


@get("/count-doubles", summary="List persons who were reported twice", permission=Permission.COUNT_READ)
def list_count_doubles(act: Act) -> CountDoublesOut:
    """List the valid records with the same pseudonym, and the facts in which they contradict each other."""
    return doubles_of(act)


def doubles_of(act: Act, most: int | None = None) -> CountDoublesOut:
    """Returns the groups of records that are probably about the same person, at most `most`; `None`: all groups."""
    groups, number = reading.doubles(act, most)
    found = [[_version(one) for one in group] for group in groups]
    items = [CountDoubleOut(items=group, differing=_differing(group)) for group in found]
    return CountDoublesOut(items=items, total=number)


def month_named(written: str) -> date:
    """Returns the first day of a month such as 2026-11. Raises `Invalid` for other texts."""
    try:
        return date.fromisoformat(f"{written.strip()[:7]}-01")
    except ValueError as wrong:
        raise Invalid.at("month", "count_month_wrong", found=written) from wrong


def _region(act: Act, unit: str | None) -> str:
    """Returns the region of a registrant's unit. Raises `Invalid` for an unknown unit."""
    if unit is None:
        return UNKNOWN
    found = registrant_units(act.session, act.day).get(unit)
    if found is None:
        raise Invalid.at("unit", "count_unit_unknown", found=unit)
    return part_of_country(found.value.region or unit).value


def _facts(given: Mapping[str, object]) -> CountFacts:
    return CountFacts(**{**given, "means": tuple(given["means"]), "recruitment": tuple(given["recruitment"])})  # type: ignore[arg-type]


def _told(one: CountRecord, *, named: bool = True) -> dict[str, object]:
    facts = register.facts_of(one.month, one.content)
    read = {name: getattr(facts, name) for name in facts.__struct_fields__}
    read |= {"means": list(facts.means), "recruitment": list(facts.recruitment)}
    shown = {"status": one.status, "from_on": one.from_on, "comparable": one.person is not None}
    return {**read, **shown, "reference": one.reference if named else ""}


def _version(one: CountRecord) -> CountVersionOut:
    of_version = {"version": one.version, "until_on": one.until_on, "into": one.into}
    content = {name: getattr(one.content, name) for name in ("unit", "changed_by", "reason")}
    return CountVersionOut.model_validate({**_told(one), **of_version, **content})


def _history(found: Sequence[CountRecord]) -> CountHistoryOut:
    return CountHistoryOut(version=found[0].version, items=[_version(one) for one in found])


def _differing(group: Sequence[CountVersionOut]) -> list[str]:
    return [name for name in CountFacts.__struct_fields__ if len({str(getattr(one, name)) for one in group}) > 1]
