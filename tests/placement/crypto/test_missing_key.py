"""One lost key: that case is reported as unreadable, nothing of it counts as empty, and all others go on."""

import pytest
from cryptography.fernet import Fernet
from sqlmodel import select

from placement.audit import key_rotation
from placement.capacity import reads as capacity_reads
from placement.core.clock import day_of, start_of
from placement.core.codes import DecisionStatus, RegistrationStatus
from placement.core.errors import Conflict
from placement.crypto.cipher import Place
from placement.crypto.encrypted_columns import Unreadable, use_keys
from placement.placements.decisions import decisions
from placement.registrations import reads as registrations_reads
from placement.registrations import registrations
from placement.registrations.case import PointInput, ThreatInput
from placement.registrations.case_list import case_page
from placement.reports import collect
from placement.reports.causes import BlockingCauses
from placement.solver import reads as solver_reads
from placement.solver.snapshot import snapshot
from placement.storage import field_sealing
from placement.tables import Registration
from placement.tables.audit import answers_of
from tests.support import task_board
from tests.support.settings import changed
from tests.support.town import COORDINATOR, DESK, key_store_of

DANGER = {"threats": [ThreatInput(PointInput(place="Alkmaar"), 40)]}

HERE = Place("idempotentrequest", "body", ("A", "k"))


@pytest.fixture(params=["removed", "damaged"])
def lost(town, request):
    """A case whose danger is at the only shelter that is near, and whose key is gone; and another case."""
    case = town.register(actor=COORDINATOR, alias="Merel", parts=DANGER)
    town.other = town.register(actor=COORDINATOR, alias="Spreeuw", parts=DANGER)
    town.file = key_store_of(town).folder / f"{case}.key"
    town.key = town.file.read_bytes()
    if request.param == "removed":
        town.file.unlink()
    else:
        town.file.write_bytes(b"not a key")
    town.case = case
    return town


def refused(verb):
    with pytest.raises(Conflict) as found:
        verb()
    return found.value.code


def test_missing_key_leaves_other_cases_working(lost):
    with lost.act() as act:
        rows, total = registrations_reads.registrations(act, RegistrationStatus.OPEN, None, 10, 0)
    assert ({row.id for row in rows}, total) == ({lost.case, lost.other}, 2)
    assert lost.hold_in(lost.other)
    with lost.act() as act:
        capacity_reads.country(act)
        assert [row.id for row in solver_reads.waiting_problem(act, snapshot(act)).registrations] == []


def test_case_without_its_key_is_never_placed(lost):
    assert lost.case not in {row.id for row in lost.problem().registrations}
    assert refused(lambda: lost.propose(lost.case)) == "content_unreadable"


def test_unreadable_value_is_not_overwritten(lost):
    change = lambda: lost.do(registrations.change, lost.case, 1, {"alias": "Kauw"})  # noqa: E731
    before = lost.file.read_bytes() if lost.file.exists() else None
    assert refused(change) == "content_unreadable"
    assert (lost.file.read_bytes() if lost.file.exists() else None) == before


def test_unreadable_value_refuses_every_use(lost):
    value = lost.registration(lost.case).alias
    assert isinstance(value, Unreadable)
    uses = (lambda: str(value), lambda: bool(value), lambda: value["lat"], lambda: len(value), lambda: value.encode)
    for use in uses:
        assert refused(use) == "content_unreadable"


def test_lost_key_is_a_task_and_is_named_to_the_admin(lost):
    with lost.act() as act:
        assert field_sealing.missing_keys(act.session) == [lost.case]
    kinds = {task.registration: task.kind.value for task in lost.do(task_board.board, actor=DESK).tasks}
    assert kinds == {lost.case: "unreadable"}


def test_case_without_its_key_can_be_closed(lost):
    lost.do(registrations.close, lost.case, "entered_in_error")
    assert lost.registration(lost.case).status is RegistrationStatus.CLOSED


def test_key_that_is_put_back_opens_the_case_again(lost):
    lost.file.write_bytes(lost.key)
    assert lost.registration(lost.case).alias == "Merel"
    assert [threat.min_km for threat in lost.registration(lost.case).threats] == [40]
    assert lost.case in {row.id for row in lost.problem().registrations}
    assert {row.alias for row in lost.all(select(Registration))} == {"Merel", "Spreeuw"}


def lose(town, owner, damaged):
    file = key_store_of(town).folder / f"{owner}.key"
    if damaged:
        file.write_bytes(b"not a key")
    else:
        file.unlink()


@pytest.mark.parametrize("damaged", [False, True])
def test_lost_key_of_a_day_stops_no_write(town, damaged):
    day = answers_of(town.at)
    with town.act() as act:
        field_sealing.seal(act.session, day, "before", HERE)
    lose(town, day, damaged)
    with town.act() as act:
        sealed = field_sealing.seal(act.session, day, "after", HERE)
    assert sealed.stored.startswith(f"{day}-2:")
    with town.act() as act:  # and again, under the same name
        assert field_sealing.seal(act.session, day, "after", HERE).stored.startswith(f"{day}-2:")


@pytest.mark.wide
@pytest.mark.parametrize("damaged", [False, True])
def test_lost_key_holds_up_no_count_and_no_other_decision(town, damaged):
    town.later(hours=73)
    lost, other = (town.register(actor=COORDINATOR, alias=name) for name in ("Merel", "Spreeuw"))
    made = [town.decide_on(case, "U1-women") for case in (lost, other)]
    assert {one.status for one in made} == {DecisionStatus.WAITING_FOR_SHELTER}
    lose(town, lost, damaged)
    town.report("S1")
    assert [town.one("decision", one.id).status for one in made] == [DecisionStatus.LAPSED, DecisionStatus.FINAL]


def test_missing_key_of_a_pending_decision_is_shown_to_the_desk(town):
    case = town.register(actor=COORDINATOR, alias="Merel")
    decision = town.decide_on(case, "U1-women", actor=COORDINATOR)
    lose(town, case, damaged=False)
    answer = lambda: town.do(decisions.answer_decision, decision.id, granted=True)  # noqa: E731
    assert refused(answer) == "content_unreadable"
    kinds = {task.kind.value for task in town.do(task_board.board).tasks}
    assert kinds == {"unreadable", "decision"}


@pytest.mark.wide
def test_missing_key_is_skipped_by_rotation_keeps_the_old_key(lost):
    new = Fernet.generate_key().decode()
    use_keys(lost.database.engine.dialect, changed(lost.settings, field_keys=(new, *lost.settings.field_keys)))
    key_rotation.renew(lost.database, lambda *_: None)
    assert key_rotation.in_need_of_old_keys(lost.database) == 1  # its backup is wrapped by the old key
    assert lost.registration(lost.other).alias == "Spreeuw"
    lost.file.write_bytes(lost.key)
    assert lost.registration(lost.case).alias == "Merel"
    key_rotation.renew(lost.database, lambda *_: None)
    assert key_rotation.in_need_of_old_keys(lost.database) == 0


def test_case_without_its_key_waits_for_a_cause_that_is_unknown(lost):
    with lost.act() as act:
        causes = BlockingCauses(causes={lost.other: "rooms"}, extras=())
        waiting = collect._waiting(act.session, collect.active_at(act.session, lost.at), lost.at, set(), causes)
    assert sorted(row.cause for row in waiting) == ["rooms", "unknown"]


def test_case_without_its_key_is_in_lists_without_its_facts(lost):
    with lost.act() as act:
        rows = {row.id: row for row in case_page(act, None, None, 10, 0).items}
    assert (rows[lost.other].persons, rows[lost.other].registrant) == (1, "NP")
    unread = rows[lost.case]
    assert (unread.persons, unread.registrant, unread.needed_by, unread.taken_over_on) == (None, None, None, None)
    assert (unread.region, unread.waits_since) == ("amsterdam", start_of(day_of(lost.at)))


def test_room_of_a_client_without_a_key_is_full(town):
    case = town.register()
    town.hold_in(case, "U2-family")
    before = {room.id: room.free_beds for room in town.problem().rooms}
    lose(town, case, damaged=False)
    after = {room.id: room.free_beds for room in town.problem().rooms}
    [changed] = [room for room in before if before[room] != after[room]]
    assert (before[changed] > 0, after[changed]) == (True, 0)


def test_case_with_a_destroyed_key_is_erased_and_not_lost(town):
    """The state is that of an older backup beside the present keys."""
    case = town.register(actor=COORDINATOR, alias="Merel")
    key_store_of(town).destroy(case)
    change = lambda: town.do(registrations.change, case, 1, {"alias": "Kauw"})  # noqa: E731
    assert refused(change) == refused(lambda: town.propose(case)) == "content_erased"
