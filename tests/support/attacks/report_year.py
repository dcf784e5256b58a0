"""A store that fills over months through HTTP, and the daily reports that its readers get meanwhile."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any

from placement.core.clock import day_of
from placement.core.codes import Role
from placement.core.context import SYSTEM, Act
from placement.reports import store as report_store
from placement.reports.inputs import Rows, read_rows
from tests.support.api.bodies import CONFIRM
from tests.support.api.service import Person, Service, somebody

REGIONS = ("amsterdam", "amsterdam", "rotterdam", "rotterdam", "den-haag", "limburg", "oost-nederland")
"""The regions of new clients: two of them are busy."""
WOMAN, MAN, CHILD = ({"gender": "female", "age": 30}, {"gender": "male", "age": 30}, {"gender": "male", "age": 6})
HOUSEHOLDS: tuple[dict[str, Any], ...] = (
    {"persons": [WOMAN]},
    {"persons": [WOMAN], "residence_basis": "victim_permit"},
    {"persons": [MAN]},
    {"persons": [MAN], "residence_basis": "victim_permit"},
    {"persons": [WOMAN | {"guardian": True}, CHILD]},
    {"persons": [WOMAN], "multiple_problems": True},
    {"persons": [MAN], "multiple_problems": True},
)
FRIDAY = 5
AT_WORK = time(9, 30, tzinfo=UTC)
AFTER_REPORT = time(6, 10, tzinfo=UTC)


@dataclass
class Client:
    """A client and the days of its life; `None` until they come."""

    registration: str
    region: str
    registered_on: date
    due_on: date
    unit: str | None = None
    held_on: date | None = None
    hold: str | None = None
    comes_on: date | None = None
    stay: str | None = None
    ends_on: date | None = None
    ended_on: date | None = None


@dataclass
class Year:
    """The reports of each day, as JSON: of a reader, and the rows of all care areas, whose readers are together.
    `rows`: the stored truth.
    """

    clients: list[Client] = field(default_factory=list)
    reader: dict[date, dict[str, Any]] = field(default_factory=dict)
    areas: dict[date, dict[str, dict[str, str]]] = field(default_factory=dict)
    rows: dict[date, Rows] = field(default_factory=dict)


def fill(service: Service, days: int, rng: Random) -> Year:
    """Registers, places and ends clients through HTTP for so many days, and reads each day's report."""
    service.close_all()
    year = Year()
    people = _staff(service)
    for staff in people.values():
        for stay in staff.get("/stays?status=in_house").json()["items"][::3]:
            staff.made(f"/stays/{stay['id']}/end", {"reason": "own_housing"})
    for day in _days(service, days):
        _read_report(service, year, day)
        service.moment.at = datetime.combine(day, AT_WORK)
        for _ in range(8 if not year.clients else rng.choice((0, 0, 1, 1, 1))):
            year.clients.append(_register(service, rng, day))
        for client in year.clients:
            if client.hold is not None and client.stay is None and client.comes_on == day:
                _arrive(people, client, day, rng)
            elif client.hold is None and day >= client.due_on and day.isoweekday() <= FRIDAY:
                _place(service, people, client, day, rng)
            elif client.ended_on is None and client.ends_on is not None and day >= client.ends_on:
                people[str(client.unit)[:3]].made(f"/stays/{client.stay}/end", {"reason": "own_housing"})
                client.ended_on = day
    return year


def _days(service: Service, days: int) -> Iterator[date]:
    first = day_of(service.moment.at) + timedelta(days=1)
    yield from (first + timedelta(days=number) for number in range(days))


def _staff(service: Service) -> dict[str, Person]:
    """Returns a person of each shelter, who answers for it."""
    with service.database.transaction() as session:
        accounts = service.accounts(session)
    named = (one["shelter_id"] for one in service.country.credentials["people"] if one["shelter_id"])
    return {shelter: service.known(accounts, Role.SHELTER_STAFF, shelter) for shelter in dict.fromkeys(named)}


def _register(service: Service, rng: Random, day: date) -> Client:
    region = rng.choice(REGIONS)
    body = somebody(region=region, urgency=rng.randint(1, 4), **rng.choice(HOUSEHOLDS))
    made = service.desk.made("/registrations", body)
    return Client(made["id"], region, day, day + timedelta(days=rng.randint(2, 20)))


def _place(service: Service, people: dict[str, Person], client: Client, day: date, rng: Random) -> None:
    """Places the client and reports its arrival; a client for whom there is no place waits on."""
    opened = service.desk.post(f"/registrations/{client.registration}/opening", {"reason": "record_check"})
    assert opened.status_code in {201, 409}, opened.text  # it can be open already
    proposal = service.desk.made(f"/registrations/{client.registration}/proposals")
    if proposal["chosen"] is None:
        client.due_on = day + timedelta(days=2)
        return
    decision = service.desk.made(f"/proposals/{proposal['id']}/decision", {"decision": "accept"})
    client.unit = proposal["chosen"]["unit"]
    there = people[client.unit[:3]]
    if decision["status"] == "waiting_for_shelter":  # its count is old
        there.made(f"/shelters/{client.unit[:3]}/capacity/confirm")
    client.hold, client.held_on = decision["hold"], day
    first = there.get(f"/holds/{client.hold}").json()["offered_times"][0]
    there.made(f"/holds/{client.hold}/answer", {**CONFIRM, "expected_at": first})
    client.comes_on = day_of(datetime.fromisoformat(first))
    if client.comes_on == day:
        _arrive(people, client, day, rng)


def _arrive(people: dict[str, Person], client: Client, day: date, rng: Random) -> None:
    client.stay = people[str(client.unit)[:3]].made(f"/holds/{client.hold}/arrival")["id"]
    client.ends_on = day + timedelta(days=rng.randint(4, 20))


def _read_report(service: Service, year: Year, day: date) -> None:
    service.moment.at = datetime.combine(day, AFTER_REPORT)
    with service.database.transaction() as session:
        stored = report_store.make(Act(session, SYSTEM, service.moment.at, service.country.settings), day)
        year.rows[day] = read_rows(stored.rows)
    year.reader[day] = service.report_reader.get(f"/reports/{day}").json()
    rows = service.desk.get(f"/reports/{day}").json()["regions"]
    year.areas[day] = {row["region"]: row for row in rows}
