"""Events: what is stored, who sees it, and what is erased."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select

from placement.core.errors import Conflict, Invalid, NotAllowed, NotFound, VersionPassed
from placement.core.event_codes import EventStatus
from placement.events import events, members
from placement.registrations import registrations
from placement.retention import erasure, event_erasure
from placement.tables import EventMember, MassEvent
from placement.tables.event import SharedDanger, SharedFacts
from tests.support.audit_log import logged
from tests.support.events import RAID, raid
from tests.support.town import COORDINATOR, DESK, ELSEWHERE, OTHER_DESK, TODAY, key_store_of


def read(town, event_id, actor=DESK):
    with town.act(actor) as act:
        row = events.event_of(act, event_id)
        return row.status, row.content, [one.registration_id for one in events.member_rows(act, row)]


def test_event_is_sealed_and_keeps_beds_from_the_chosen_day(town):
    made = raid(town)
    status, content, _ = read(town, made)
    assert (status, content.leader, content.keep_from) == (EventStatus.PLANNED, DESK.id, RAID.day - timedelta(days=5))
    with town.database.engine.connect() as connection:
        stored = str(connection.execute(text("SELECT * FROM massevent")).all())
    assert not any(word in stored for word in ("Inval", "Rotterdam", "raid", "region"))
    with town.act() as act:
        row = events.event_of(act, made)
        days = [content.keep_from - timedelta(days=1), content.keep_from]
        assert [events.keeps_beds(row, day) for day in days] == [False, True]
    town.do(events.start, made)
    with town.act() as act:
        assert events.keeps_beds(events.event_of(act, made), TODAY)


def test_event_names_every_wrong_shared_fact(town):
    shared = SharedFacts(region="nowhere", languages=["qq"], dangers=[SharedDanger(place="Rotterdm")])
    wrong = replace(RAID, name=" ", keep_from=RAID.day + timedelta(days=1), shared=shared)
    with pytest.raises(Invalid) as refused:
        town.do(events.make, wrong)
    assert {fault.field for fault in refused.value.faults} == {
        "name", "keep_from", "shared.region", "shared.languages.0.code", "shared.dangers.0.place",
    }  # fmt: skip
    assert town.all(select(MassEvent)) == []


def test_change_needs_the_newest_version_and_a_live_event(town):
    made = raid(town)
    town.do(events.change, made, 1, replace(RAID, name="Inval kas"), actor=OTHER_DESK)
    with pytest.raises(VersionPassed):
        town.do(events.change, made, 1, RAID)
    assert read(town, made)[1].made_by == DESK.id
    town.do(events.start, made)
    town.do(events.finish, made)
    assert [one.event for one in logged(town) if one.event.startswith("event:")] == [
        "event:made", "event:changed", "event:begun", "event:finished",
    ]  # fmt: skip
    with pytest.raises(Conflict, match="event_not_open"):
        town.do(events.change, made, 4, RAID)
    with pytest.raises(Conflict, match="event_not_open"):
        town.do(events.start, made)


def test_coordinator_sees_members_of_the_own_region_alone(town):
    here, there = town.register(), town.register(actor=DESK, region="limburg")
    made = raid(town, here, there)
    assert read(town, made)[2] == [here, there]
    assert read(town, made, COORDINATOR)[2] == [here]
    with town.act(ELSEWHERE) as act:
        assert [one.id for one in events.listed(act)] == [made]
    alone = raid(town, here)
    with pytest.raises(NotFound):
        read(town, alone, ELSEWHERE)
    with town.act(ELSEWHERE) as act:
        assert [one.id for one in events.listed(act)] == [made]
    assert logged(town)[-1].event == "event:listed"
    with pytest.raises(NotAllowed):
        town.do(events.make, RAID, actor=COORDINATOR)


def test_case_is_a_member_once_and_stays_when_its_row_is_removed(town):
    client = town.register()
    made = raid(town, client, client)
    town.do(members.add_cases, made, [client])
    [row] = town.all(select(EventMember))
    town.do(members.remove, made, row.id)
    assert (town.all(select(EventMember)), town.registration(client).id) == ([], client)
    assert key_store_of(town).is_destroyed(row.key_owner)
    assert [one.event for one in logged(town) if one.event.startswith("event:")] == [
        "event:made", "event:member_added", "event:member_removed",
    ]  # fmt: skip


def test_erasure_of_a_case_or_event_destroys_its_keys(town):
    one, other = town.register(), town.register()
    made = raid(town, one, other)
    rows = {row.registration_id: row for row in town.all(select(EventMember))}
    town.do(registrations.close, one, "withdraws_consent")
    with town.act() as act:
        erasure.erase_content(act, [one])
    assert [row.registration_id for row in town.all(select(EventMember))] == [other]
    with town.act() as act:
        event_erasure.erase_events(act, [made])
    owners = [rows[one].key_owner, rows[other].key_owner, f"event-{made}"]
    assert all(key_store_of(town).is_destroyed(owner) for owner in owners)
    assert not key_store_of(town).is_destroyed(other)
