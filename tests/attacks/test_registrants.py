"""A registrant learns no location, resident or capacity: worlds that differ in one secret give it the same answers.

The attacker has an account, chooses persons and danger points, answers questions and reads every state after each act
of an honest desk. The desk merges clients that it knows, proposes and decides. Two unguarded variants must fail: the
real state of the case is shown; the state of a merged case is its own.
"""

import re
from collections.abc import Callable
from itertools import zip_longest

import pytest

from api.v1.sent_registrations import SentRegistrationOut, list_sent_registrations, read_sent
from bench.pages import counted
from placement.core.codes import RegistrationStatus
from placement.core.context import Act
from placement.core.geography import Cell, places
from placement.core.registrant_codes import SentMessageKind
from placement.registrants import messages
from placement.registrations import duplicates, links, registrations
from placement.registrations.case import PersonInput
from placement.tables import Location, Registration, SentRegistration
from tests.support.messages import sent as messages_of
from tests.support.registrants import FROM_ROTTERDAM, POLICE, SentFacts, accepted, rung, sent, with_registrants
from tests.support.stores import one_store
from tests.support.town import M, Town, town_of

DANGERS = ("Alkmaar", "Maastricht", "Zwolle", "Tilburg", "Utrecht", "Groningen")
CLOSED = RegistrationStatus.CLOSED
KNOWN_AGE = 23
"""The age of the resident about whom the attacker asks."""
FACTS = {"languages": [{"code": "nl", "level": "native"}], "residence_basis": "reflection"}
_ID = re.compile(r'"[MF](-[2-9A-Z]{4}){3}"')


def moved(town: Town) -> None:
    """The shelter in Alkmaar is in Maastricht."""
    place = places()["maastricht"]
    cell = Cell.of(place.point)
    with town.act() as act:
        for row in (act.session.get_one(Location, one) for one in ("L2", "L3")):
            row.region, row.cell_row, row.cell_column = place.region, cell.row, cell.column


def full(town: Town) -> None:
    town.full("R4", "R5", "R6", "R7")


def with_resident(town: Town) -> None:
    town.house(town.register(((M, KNOWN_AGE),), region="rotterdam", registrant_unit="rotterdam"))


SECRETS: dict[str, Callable[[Town], None]] = {"location": moved, "capacity": full, "resident": with_resident}


def desk_handles(town: Town, sent_id: str) -> None:
    """Lets the desk verify, compare, and merge or register; then propose and decide if there is a place."""
    rung(town, sent_id)
    with town.act() as act:
        case = str(act.session.get_one(SentRegistration, sent_id).registration_id)
        alike = (one.registration for one in duplicates.alike_of(act, case).alike)
        known = [one.id for one in alike if not one.status.is_unregistered and one.status is not CLOSED]
        for one in known[:1]:
            links.merge(act, case, one, confirm=True)
    if known:
        return
    accepted(town, sent_id)
    town.do(registrations.change, case, town.one("registration", case).version, FACTS, open_it=True)
    offered = town.propose(case)
    if town.one("proposal", offered).unit_id is not None:
        town.decide(offered)


def answers(town: Town, number: int) -> list[str]:
    """Returns what the attacker reads after each act on each of so many registrations, with the list at every tenth.
    Each answer has the number of its statements, in place of its time. At the end are the mails with their moments.
    """
    read = []

    def look() -> None:
        for ask in (read_one, list_sent_registrations) if turn % 10 == 1 else (read_one,):
            with counted(town.database) as cost, town.act(POLICE) as act:
                read.append(f"{ask(act).model_dump_json()} {cost['statements']}")

    def read_one(act: Act) -> SentRegistrationOut:
        return read_sent(act, made)

    for turn in range(number):
        age = KNOWN_AGE if turn == 1 else 30 + turn % 60
        facts = FROM_ROTTERDAM if turn % 2 else SentFacts("rotterdam")
        danger = DANGERS[turn % len(DANGERS)]
        made = sent(town, facts=facts, danger=danger, persons=[PersonInput(M, age)], urgency=1 + turn % 4)
        look()
        town.do(messages.ask, made, "Which language?")
        asked = town.one("sentregistration", made).content.open_questions[-1].id
        town.do(messages.write, made, SentMessageKind.ANSWER, "Dutch", answers=asked, actor=POLICE)
        town.later(minutes=10)
        look()
        desk_handles(town, made)
        look()
    mails = [f"{one.kind} {one.made_at}" for one in messages_of(town) if one.account_id == POLICE.id]
    return [_without_ids(one) for one in (*read, *mails)]


def _without_ids(text: str) -> str:
    known: dict[str, str] = {}
    return _ID.sub(lambda found: known.setdefault(found[0], f'"{len(known)}"'), text)


def real_state(_: SentRegistration, case: Registration | None) -> str:
    """The variant without the guard of four states."""
    if case is None or case.status is RegistrationStatus.CLOSED:
        return "closed"
    return "received" if case.status is RegistrationStatus.HELD else "placing"


def own_case(_: object, case: str) -> str:
    """The variant without the guard of merged cases."""
    return case


def different(stores, number: int) -> dict[str, int]:
    """Returns in how many answers the world with another secret differs, by secret."""
    worlds = {}
    for secret, change in {"": None, **SECRETS}.items():
        town = with_registrants(town_of(stores))
        if change is not None:
            change(town)
        worlds[secret] = answers(town, number)
    same = worlds.pop("")
    return {secret: sum(one != other for one, other in zip_longest(same, told)) for secret, told in worlds.items()}


@one_store
def test_registrant_reads_the_same_whatever_the_secret(stores):
    assert different(stores, 2) == dict.fromkeys(SECRETS, 0)


@pytest.mark.wide
@one_store
def test_registrant_without_the_guards_learns_each_secret(stores, monkeypatch):
    monkeypatch.setattr("api.v1.sent_registrations.state_of", real_state)
    monkeypatch.setattr("placement.registrants.sent_states._last", own_case)
    assert all(different(stores, 2).values())


@one_store
@pytest.mark.long
def test_registrant_with_500_registrations_learns_nothing(stores):
    assert different(stores, 500) == dict.fromkeys(SECRETS, 0)
