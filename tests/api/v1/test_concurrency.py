"""Concurrent requests to the service as it is run: exactly one succeeds, and the other is refused with a reason."""

import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

import httpx
import pytest
from sqlmodel import col, select

from placement.core.codes import Role
from placement.tables import Account, BedClaim
from tests.support.api.processes import client_of, person_of, serving
from tests.support.api.service import somebody
from tests.support.ledger import Ledger, commit
from tests.support.proof import FULL
from tests.support.stores import EACH_STORE, FileRequest, Stores

ROUNDS = 60 if FULL else 2
RACES = 10_000 if FULL else 100
PROCESSES, RIVALS = 4, 8
CRISIS = "S03-L1-U2"
DESK_EMAIL, SECOND_EMAIL = "desk-1@placement.example", "second@test.example"


@dataclass(frozen=True)
class Live:
    base: str
    desk: httpx.Client
    second: httpx.Client
    shelter: httpx.Client
    staff: httpx.Client

    def made(self, path, body=None, by=None):
        given, by = {} if body is None else {"json": body}, by or self.desk
        while (answer := by.post(path, **given)).status_code in {429, 503}:  # a budget spent, a busy engine
            time.sleep(int(answer.headers["Retry-After"]))
        assert answer.is_success, answer.text
        return answer.json()


@pytest.fixture(scope="module", params=EACH_STORE)
def country(request):
    stores = Stores(FileRequest(request), request.param)
    yield stores.make("small")
    stores.close()


@pytest.fixture(scope="module")
def live(country, tmp_path_factory):
    with country.database.transaction() as session:
        session.add(Account(id="A-2", email=SECOND_EMAIL, role=Role.DESK, password_hash="-", totp_secret="-"))  # noqa: S106
    workers = PROCESSES if country.database.engine.dialect.name == "postgresql" else 1
    with serving(country, tmp_path_factory.mktemp("service"), workers) as base:
        emails = (DESK_EMAIL, SECOND_EMAIL, "staff-s03@placement.example")
        people = [person_of(base, country, email) for email in emails]
        made = Live(base, *people[:2], client_of(base, country.key_of("S03")), people[2])
        rooms = [{"room": room["room"]} for room in made.shelter.get("/shelters/S03/capacity").json()["rooms"]]
        for room in rooms[:-1]:  # of this shelter one emergency bed is left
            room["out_of_service"] = {"beds": 1, "reason": "repair"}
        assert made.shelter.put("/shelters/S03/capacity", json={"rooms": rooms}).is_success
        for row in made.desk.get("/registrations?status=open").json()["items"]:
            made.desk.post(f"/registrations/{row['id']}/opening", json={"reason": "record_check"})
            made.made(f"/registrations/{row['id']}/close", {"reason": "entered_in_error"})
        yield made
        for client in [*people, made.shelter]:
            client.close()


def at_once(*calls):
    """Runs all these calls at the same moment, each in a thread with its own connection."""
    together = threading.Barrier(len(calls))

    def run(call):
        together.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def in_need():
    """Returns facts of a client who may have only an emergency bed, of which a single bed is free. The region has no
    coordinator.
    """
    return somebody(residence_basis="none_yet", region="den-haag")


def one_wins(answers, good, codes):
    """Checks that exactly one answer is good, and that the others have a reason in words."""
    statuses = Counter(answer.status_code for answer in answers)
    assert statuses == {good: 1, 409: len(answers) - 1}, [answer.text for answer in answers]
    for answer in answers:
        if answer.status_code == 409:
            assert answer.json()["type"].removeprefix("urn:placement:problem:") in codes, answer.text
            assert answer.json()["detail"]
    return next(answer.json() for answer in answers if answer.status_code == good)


@pytest.mark.wide
def test_two_decisions_at_once_on_one_proposal_are_one(live, country):
    for _ in range(ROUNDS):
        case = live.made("/registrations", in_need())["id"]
        proposal = live.made(f"/registrations/{case}/proposals")
        assert proposal["chosen"]["unit"] == CRISIS
        path, decline = f"/proposals/{proposal['id']}/decision", {"decision": "decline", "reason": "unreachable"}
        answers = at_once(
            partial(live.desk.post, path, json={"decision": "accept"}),
            partial(live.second.post, path, json={"decision": "accept"}),
            partial(live.second.post, path, json=decline),
        )
        won = one_wins(answers, 201, {"proposal_not_open", "proposal_decided", "registration_not_open"})
        if won["hold"]:
            live.made(f"/holds/{won['hold']}/release", {"reason": "found_other_place"})
        else:
            live.made(f"/registrations/{case}/close", {"reason": "found_other_place"})
    assert_every_bed_once(country)


@pytest.mark.wide
def test_concurrent_decisions_give_the_last_bed_once(live, country):
    for _ in range(ROUNDS):
        waiting, proposals = [], []
        for _ in range(2):  # each is proposed the bed while nobody else waits
            case = live.made("/registrations", in_need())["id"]
            proposals.append(live.made(f"/registrations/{case}/proposals"))
            waiting.append(case)
            live.desk.patch(f"/registrations/{case}", json={"urgency": 1}, headers={"If-Match": '"1"'})
        proposals = [live.made(f"/registrations/{case}/proposals") for case in waiting]
        answers = at_once(
            *(decided(client, proposal) for proposal, client in zip(proposals, (live.desk, live.second), strict=True))
        )
        won = one_wins(answers, 201, {"rooms_gone", "bed_taken"})
        live.made(f"/holds/{won['hold']}/release", {"reason": "found_other_place"})
        for case in waiting:
            live.desk.post(f"/registrations/{case}/close", json={"reason": "found_other_place"})
    assert_every_bed_once(country)


@pytest.mark.parametrize(
    "races", [pytest.param(3, marks=pytest.mark.wide), pytest.param(RACES, marks=pytest.mark.long)]
)
def test_race_of_eight_for_one_bed_has_one_winner(live, country, races):
    """Skips races that passed at this commit, so that `make prove` can be stopped and resumed."""
    passed = Ledger(f"races-{country.database.engine.dialect.name}", commit() if races == RACES else None)
    cases = [live.made("/registrations", in_need())["id"] for _ in range(RIVALS)]
    ready = {}
    with ExitStack() as stack:
        emails = [DESK_EMAIL, SECOND_EMAIL] * (RIVALS // 2)
        rivals = [stack.enter_context(person_of(live.base, country, email)) for email in emails]
        while numbers := passed.left(range(races), 50):
            for number in numbers:
                asker = (live.desk, live.second)[number % 2]  # each has a budget of proposals
                paths = {case: f"/registrations/{case}/proposals" for case in cases if case not in ready}
                ready |= {case: live.made(path, by=asker) for case, path in paths.items()}
                calls = [decided(rival, ready[case]) for rival, case in zip(rivals, cases, strict=True)]
                answers = at_once(*calls)
                won = one_wins(answers, 201, {"rooms_gone", "bed_taken"})
                del ready[cases[[answer.status_code for answer in answers].index(201)]]
                live.made(f"/holds/{won['hold']}/release", {"reason": "unreachable"})
            passed.add(numbers)
            assert_every_bed_once(country)
    for case in cases:
        live.desk.post(f"/registrations/{case}/close", json={"reason": "found_other_place"})


def decided(rival, proposal):
    """Returns a call that decides for the only bed, whichever place is proposed."""
    is_chosen = proposal["chosen"] and proposal["chosen"]["unit"] == CRISIS
    other = {"decision": "override", "unit": CRISIS, "reason": "client_preference"}
    way = {"decision": "accept"} if is_chosen else other
    return partial(rival.post, f"/proposals/{proposal['id']}/decision", json=way)


@pytest.mark.wide
def test_a_release_and_an_answer_at_once_are_one(live):
    for _ in range(ROUNDS):
        case = live.made("/registrations", in_need())["id"]
        proposal = live.made(f"/registrations/{case}/proposals")
        hold = live.made(f"/proposals/{proposal['id']}/decision", {"decision": "accept"})["hold"]
        answers = at_once(
            partial(live.staff.post, f"/holds/{hold}/answer", json={"answer": "refuse", "reason": "house_mix"}),
            partial(live.desk.post, f"/holds/{hold}/release", json={"reason": "found_other_place"}),
        )
        one_wins(answers, 200, {"hold_not_open"})
        live.desk.post(f"/registrations/{case}/close", json={"reason": "found_other_place"})


@pytest.mark.wide
def test_two_changes_of_one_version_at_once_are_one(live):
    case = live.made("/registrations", in_need())["id"]
    for version in range(1, ROUNDS + 1):
        named, path = {"If-Match": f'"{version}"'}, f"/registrations/{case}"
        answers = at_once(*(partial(live.desk.patch, path, json={"urgency": to}, headers=named) for to in (2, 3)))
        assert sorted(answer.status_code for answer in answers) == [200, 412], [answer.text for answer in answers]
    live.made(f"/registrations/{case}/close", {"reason": "found_other_place"})


@pytest.mark.wide
def test_one_key_in_several_processes_has_one_effect(live):
    for number in range(ROUNDS):
        before = live.desk.get("/registrations").json()["total"]
        headers = {"Idempotency-Key": f"round-{number}"}
        answers = at_once(*[partial(live.desk.post, "/registrations", json=in_need(), headers=headers)] * 4)
        assert {answer.status_code for answer in answers} <= {201, 409}
        assert len({answer.content for answer in answers if answer.status_code == 201}) == 1
        assert live.desk.get("/registrations").json()["total"] == before + 1
        case = next(answer.json()["id"] for answer in answers if answer.status_code == 201)
        live.made(f"/registrations/{case}/close", {"reason": "found_other_place"})


def assert_every_bed_once(country):
    with country.database.transaction() as session:
        live_claims = session.exec(
            select(BedClaim.bed_id).where(col(BedClaim.cancelled).is_(False), col(BedClaim.ends_on).is_(None))
        ).all()
        assert len(live_claims) == len(set(live_claims))
