"""The scenes of a practice room, what was done beside what is good, and its clock."""

from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from apscheduler.schedulers.base import STATE_PAUSED, STATE_RUNNING
from sqlmodel import select

from placement.accounts.sessions import actor_for
from placement.audit.events import Event
from placement.core import clock
from placement.core.clock import AMSTERDAM
from placement.core.codes import Role, StoreFact
from placement.core.context import SYSTEM
from placement.core.errors import Invalid, NotFound
from placement.core.practice_codes import RoomState, SceneCode, SceneStep
from placement.events import grid
from placement.jobs.daily import dailies
from placement.jobs.periodic import JOBS
from placement.jobs.scheduler import scheduler_of, stand_aside
from placement.notifications.webhook_pool import WebhookPool
from placement.practice import clock_moves, practising, room
from placement.practice.scenes import EVENTS, SCENES
from placement.registrants import received
from placement.storage import store_records
from placement.storage.database import Database
from placement.tables import Account, DailyRun, Hold, JobRun
from placement.text.catalogue import SOURCE, languages, translate
from tests.support.audit_log import logged
from tests.support.practice import Practice, in_practice
from tests.support.registrants import NUMBER
from tests.support.stores import one_store


@pytest.fixture
def settings(stores, tmp_path):
    with in_practice(tmp_path, stores.blank() if stores.kind == "postgresql" else "") as made:
        yield made


def by_desk(act):
    account = act.session.exec(select(Account).where(Account.role == Role.DESK).order_by(Account.id)).first()
    return replace(act, actor=actor_for(act.session, account, act.at, session_id="Z"))


def test_each_scene_has_texts_and_events_for_its_steps():
    assert SCENES.keys() == set(SceneCode)
    assert {step for scene in SCENES.values() for step in scene.steps} == EVENTS.keys() == set(SceneStep)
    for language in languages():
        assert all(translate("scene.task", code, language) for code in SceneCode)
        assert all(translate("scene.why", step, language) for step in SceneStep)


@pytest.mark.parametrize("code", SceneCode)
def test_scene_begins_at_its_next_weekday(code):
    scene, sunday = SCENES[code], datetime(2027, 3, 28, 12, 0, tzinfo=UTC)
    for ahead in range(7):
        real = sunday + timedelta(days=ahead)
        begins = scene.begins_at(real).astimezone(AMSTERDAM)
        assert (begins.isoweekday(), begins.time()) == (scene.weekday, scene.at)
        assert timedelta() < begins - real <= timedelta(days=8)


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("code", SceneCode)
def test_scene_is_made_in_the_whole_country(settings, code):
    practice = Practice(settings, code, size="national")
    with practice.act() as act:
        assert act.at - practice.made.began_at < timedelta(minutes=1)
        assert [one.event for one in practising.steps(act, code)[1]] == [None] * len(SCENES[code].steps)
    assert practice.made.facts
    for language in languages():
        assert all(translate("scene.fact", name, language) for name in practice.made.facts)


@pytest.mark.wide
def test_what_was_done_is_read_from_the_log_in_order(settings):
    practice = Practice(settings, SceneCode.FIRST_NIGHT)
    sent = practice.made.facts["sent"]
    with practice.act() as act:
        desk = by_desk(act)
        received.record_call(desk, sent, NUMBER, knows=True)
        received.accept(desk, sent)
    with practice.act() as act:
        _, steps = practising.steps(act, SceneCode.FIRST_NIGHT)
        done = {one.step: one.event.role for one in steps if one.event}
        assert done == {SceneStep.RING_BACK: Role.DESK, SceneStep.ACCEPT: Role.DESK}
        played, others = practising.steps(act, SceneCode.RAID)
        assert played is None
        assert not any(one.event for one in others)


@pytest.mark.wide
def test_rows_of_the_raid_are_no_step_until_registered(settings):
    practice = Practice(settings, SceneCode.RAID)

    def done():
        with practice.act() as act:
            return [one.step for one in practising.steps(act, SceneCode.RAID)[1] if one.event]

    assert done() == []
    with practice.act() as act:
        assert grid.register_members(by_desk(act), practice.made.facts["event"], SOURCE) == int(
            practice.made.facts["number"]
        )
    assert done() == [SceneStep.REGISTER_MEMBERS]


def minutes_of_runs(act):
    slots = act.session.exec(select(JobRun.slot).where(JobRun.job == "expire_holds").order_by(JobRun.slot)).all()
    return [f"{slot:%M}" for slot in slots]


@pytest.mark.wide
def test_clock_goes_forward_with_every_job(settings):
    practice = Practice(settings, SceneCode.FIRST_NIGHT)
    with closing(Database.open(practice.settings)) as database:
        pool = WebhookPool(database, practice.settings)
        ids = {one.id for one in scheduler_of(database, practice.settings, pool).get_jobs()}
    jobs = {*JOBS, *dailies(practice.settings)}
    outward = {"deliver_webhooks", "ship_log"}
    assert ids == {one.name for one in jobs} | {one.__name__ for one in clock_moves.FURTHER} | outward
    until = practice.made.began_at + timedelta(hours=3)
    clock_moves.move(practice.settings, until)
    with practice.act() as act:
        assert timedelta() <= act.at - until < timedelta(minutes=1)
        assert StoreFact.SERVICE_BACK not in store_records.records(act.session)  # no outage was noticed
        assert not [one for one in act.session.exec(select(DailyRun)) if one.late or one.ran_at > one.due_at]
        assert minutes_of_runs(act) == ["00", "00", "00", "40"]
        for hours in (0, 24 * 7 + 1, -1):
            with pytest.raises(Invalid):
                clock_moves.require_ahead(act.at, act.at + timedelta(hours=hours))


def test_clock_stops_at_the_time_of_each_daily_job(settings):
    given = settings.model_copy(update={"remind_at": (time(6, 5), time(23, 59))})

    def steps_from(hour, minute):
        at = datetime(2026, 12, 8, hour, minute, tzinfo=AMSTERDAM)
        return [f"{(at := clock_moves._next(given, at, step)).astimezone(AMSTERDAM):%H:%M}" for _ in range(3)]

    step = clock_moves.STEP
    assert steps_from(6, 0) == ["06:05", "06:15", "06:30"]
    assert steps_from(23, 50) == ["23:59", "00:00", "00:15"]
    step = clock_moves.QUIET_STEP
    assert steps_from(5, 50) == ["06:00", "06:05", "07:00"]


@pytest.mark.wide
def test_scheduler_pauses_while_the_clock_moves(settings, monkeypatch):
    practice = Practice(settings, SceneCode.FIRST_NIGHT)
    seen, work = [], clock_moves._work
    with closing(Database.open(practice.settings)) as database:
        scheduler = scheduler_of(database, practice.settings, WebhookPool(database, practice.settings))
        scheduler.start(paused=True)

        def works(*given):
            stand_aside(scheduler, practice.settings)
            seen.append(scheduler.state)
            work(*given)

        monkeypatch.setattr(clock_moves, "_work", works)
        scheduler.resume()
        clock_moves.move(practice.settings, clock.now() + timedelta(minutes=6))
        stand_aside(scheduler, practice.settings)
        assert set(seen) == {STATE_PAUSED}
        assert scheduler.state == STATE_RUNNING
        scheduler.shutdown()


@pytest.mark.wide
def test_night_in_practice_lets_holds_lapse_and_daily_jobs_run(settings):
    practice = Practice(settings, SceneCode.FIRST_NIGHT)
    clock_moves.move(practice.settings, practice.made.began_at + timedelta(hours=10))
    with practice.act() as act:
        runs = act.session.exec(select(DailyRun)).all()
        assert {one.job for one in runs} >= {"ask_counts_0600", "watch_stays"}
        assert not any(one.late for one in runs)
        assert not [one for one in act.session.exec(select(Hold)) if one.status == "waiting_for_shelter"]


@pytest.mark.wide
def test_scene_and_clock_are_asked_of_the_keeper(settings):
    practice = Practice(settings, SceneCode.FIRST_NIGHT)
    with practice.act() as act:
        [begun] = logged(act.session, event=Event.PRACTICE_BEGUN)
        assert (begun.actor, begun.facts) == (SYSTEM.id, {"scene": "first_night"})
        desk = by_desk(act)
        practising.move_clock(desk, 4)
        assert room.waiting_request(settings.var).until == act.at + timedelta(hours=4)
        practising.begin_scene(desk, SceneCode.RAID)
        assert room.waiting_request(settings.var).scene is SceneCode.RAID
        assert practising.view(act).state is RoomState.ABSENT  # nobody keeps this room
        real = replace(act, actor=SYSTEM, settings=act.settings.model_copy(update={"practice": False}))
        for ask in (lambda: practising.begin_scene(real, SceneCode.RAID), lambda: practising.post(real)):
            with pytest.raises(NotFound):
                ask()
    with practice.act() as act:
        asked = logged(act.session, event=Event.PRACTICE_ASKED, actor=desk.actor.id)
        assert [one.facts for one in asked] == [{"hours": 4}, {"scene": "raid"}]


def test_clock_of_practice_is_read_by_each_process(tmp_path):
    with in_practice(tmp_path) as settings:
        file = settings.var / "clock"
        settings.var.mkdir()
        clock.put_ahead(file, timedelta(days=3))
        clock.follow(file)
        assert timedelta(0) <= clock.now() - clock.real_now() - timedelta(days=3) + timedelta(seconds=5)
        clock.put_ahead(file, timedelta())
        assert clock.now() - clock.real_now() < timedelta(days=1)
