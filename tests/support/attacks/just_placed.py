"""Twelve shelters whose clients were all placed within the last days, so that every trace of a placement still exists.

The shelters differ in beds, staff and software, as an attacker would wish; some have not counted for long.
"""

from datetime import timedelta
from random import Random

from sqlmodel import Session

from placement.capacity import report
from placement.capacity.report import RoomInput
from placement.core.codes import (
    DecisionStatus,
    HoldStatus,
    MessageKind,
    OrganisationKind,
    Region,
    Role,
    Scheme,
)
from placement.core.context import Actor
from placement.core.geography import Cell, places
from placement.notifications import reminders, task_notices
from placement.outbox import webhooks
from placement.tables import Account, Bed, Location, Organisation, Provider, Room, Shelter, Unit
from tests.support.attacks.hits import Lost
from tests.support.town import Town, shelter

SHELTERS = 12
CLIENTS = 36
LONG_AGO = 4
"""So many shelters have not counted for long: a decision for them waits until they confirm their count."""

COUNTED_AT_LAST = 2
"""So many of these confirm it in the end: then they are asked for what waited."""

WITH_SOFTWARE = 3
"""Every so manieth shelter has a webhook."""

_WAITS, _COMES = 3, 4
"""Every so manieth client has no answer yet, or is still expected; the others have arrived."""


def beds_of(number: int) -> int:
    return 4 + number % 4


def build(session: Session) -> None:
    """Shelters `S1` to `S12`, each of one location, unit and room."""
    known = [places()[name] for name in sorted(places())][:: len(places()) // SHELTERS][:SHELTERS]
    session.add(Provider(id="P1", name="Een"))
    session.flush()
    for number, near in enumerate(known, start=1):
        cell = Cell.of(near.point)
        session.add(Shelter(id=f"S{number}", provider_id="P1", name=f"Opvang {number}"))
        session.flush()
        session.add(
            Organisation(id=f"O{number}", name=f"{number}", kind=OrganisationKind.SHELTER, shelter_id=f"S{number}")
        )
        session.add(
            Location(
                id=f"L{number}",
                name=f"Locatie {number}",
                shelter_id=f"S{number}",
                region=Region(near.region),
                cell_row=cell.row,
                cell_column=cell.column,
            )
        )
        session.flush()
        session.add(
            Unit(
                id=f"U{number}",
                location_id=f"L{number}",
                name=f"{number}",
                scheme=Scheme.CRISIS,
                admits=["female", "male", "other"],
                languages=["nl"],
                interpreter_languages=["*"],
            )
        )
        session.flush()
        session.add(Room(id=f"R{number}", unit_id=f"U{number}", name="1"))
        session.flush()
        session.add_all(Bed(room_id=f"R{number}", number=bed) for bed in range(1, beds_of(number) + 1))
        for member in range(1 + number):
            account = {"id": f"A-{number}-{member}", "email": f"{number}-{member}@opvang.example"}
            session.add(
                Account(
                    **account,
                    role=Role.SHELTER_STAFF,
                    organisation_id=f"O{number}",
                    password_hash="-",  # noqa: S106
                    totp_secret="-",  # noqa: S106
                )
            )


def place_all(town: Town, seed: int = 1) -> list[Lost]:
    """Places every client by people, within three days; returns where each is."""
    draws = Random(seed)
    with town.act() as act:
        build(act.session)
    _count(town, 1)
    town.later(days=4)
    _count(town, 1 + LONG_AGO)
    for number in range(1, SHELTERS + 1):
        if number % WITH_SOFTWARE == 0:
            staff = Actor(f"A-{number}-0", Role.SHELTER_STAFF, shelter_id=f"S{number}", session_id="Z")
            kinds = [MessageKind.HOLD_ASKED, MessageKind.HOLD_RELEASED, MessageKind.TASK_DUE]
            town.do(webhooks.make, f"https://s{number}.example/in", kinds, actor=staff)
        town.later(minutes=2)
    free = {number: beds_of(number) - 1 for number in range(1, SHELTERS + 1)}
    found = []
    town.later(hours=1)
    for client in range(CLIENTS):
        open_to = sorted(number for number, beds in free.items() if beds)
        number = draws.choices(open_to, [free[one] for one in open_to])[0]
        free[number] -= 1
        found.append(_place(town, client, f"S{number}", f"U{number}"))
        town.later(seconds=5)
        town.do(task_notices.tell_of_tasks)
        town.later(minutes=draws.randint(20, 100))
    town.do(reminders.remind_of_holds)
    for number in range(1, 1 + COUNTED_AT_LAST):
        town.later(minutes=5)
        town.do(report.confirm_capacity, f"S{number}", actor=shelter(f"S{number}"))
    town.later(hours=1)
    town.do(reminders.remind_of_holds)
    return found


def _count(town: Town, first: int) -> None:
    for number in range(first, SHELTERS + 1):
        town.do(report.report_capacity, f"S{number}", [RoomInput(f"R{number}")], actor=shelter(f"S{number}"))
        town.later(minutes=2)


def _place(town: Town, client: int, shelter_id: str, unit: str) -> Lost:
    case = town.register()
    town.later(minutes=3)
    decision = town.decide_on(case, unit)
    held = town.hold_of(decision.id)
    if decision.status is DecisionStatus.FINAL and held.status is HoldStatus.WAITING_FOR_SHELTER and client % _WAITS:
        town.later(minutes=7)
        town.confirm(held.id, town.at + timedelta(hours=3), actor=shelter(shelter_id))
        if client % _COMES:
            town.later(minutes=30)
            town.arrive(held.id)
    return Lost(case, unit, held.starts_on)
