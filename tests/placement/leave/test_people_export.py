"""The export with people: what two of the desk agree on, once, encrypted; and what is in it comes in elsewhere."""

import io
import json
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import pyrage
import pytest
from sqlmodel import select

from fixtures.buildings import building_rows
from fixtures.countries import COUNTRIES
from placement.audit.events import Event
from placement.capacity.report import RoomInput, report_capacity
from placement.core.clock import day_of
from placement.core.codes import Role, StayStatus
from placement.core.context import SYSTEM
from placement.core.errors import Conflict, Invalid, NotAllowed, NotFound
from placement.core.leave_codes import LeaveKind, LeaveReason
from placement.exchange.importing import import_file
from placement.leave import requests
from placement.leave.people_archive import TABLES, WORKBOOK
from placement.leave.people_export import export_people
from placement.leave.requests import Wanted
from placement.registrations.case import PointInput, ThreatInput
from placement.storage import log_index
from placement.tables import (
    Account,
    AuditEvent,
    Bed,
    BedClaim,
    Registration,
    Room,
    SecondPersonRequest,
    Stay,
)
from tests.support import second_person
from tests.support.accounts import disable
from tests.support.stores import one_store
from tests.support.town import DESK, OTHER_DESK, F, M, Town, key_store_of, shelter

IDENTITY = pyrage.x25519.Identity.generate()
RECIPIENT = str(IDENTITY.to_public())
CANARY = "Zilverreiger"
WANTED = Wanted(LeaveKind.EXPORT_PEOPLE, LeaveReason.LEAVING, "we stop using it", RECIPIENT)


def houses(database, _):
    """The shelters of the small country, without anybody in them; and two accounts of the desk."""
    no_secret = dict.fromkeys(("password_hash", "totp_secret"), "-")
    with database.transaction() as session:
        for rows in building_rows(COUNTRIES["small"]):
            session.add_all(rows)
            session.flush()
        for one in (DESK, OTHER_DESK):
            session.add(Account(id=one.id, email=f"{one.id}@placement.example", role=Role.DESK, **no_secret))


@pytest.fixture
def story(stores):
    """A resident since a month, a household that waits, one whose danger has no name of a place, and a draft."""
    made = stores.make("houses of a desk", houses)
    town = Town(made.database, made.settings)
    rooms = town.all(select(Room.id).where(Room.id.startswith("S01-")))
    town.do(report_capacity, "S01", [RoomInput(room) for room in rooms], actor=shelter("S01"))
    near = {"threats": [ThreatInput(PointInput(place="Rotterdam"), 40)]}
    town.take_over("S01-L1-U1", "S01-L1-U1-R01", ago=30, alias=CANARY, given=near, needs=["pregnancy"])
    town.take_over("S02-L1-U1", two_beds(town, "S02-L1-U1"), ago=3, persons=((F, 31), (M, 4)))
    town.take_over_waiting(ago=9, persons=((M, 40),), urgency=2)
    hold = town.hold_in(town.register(persons=((F, 25),)), "S01-L1-U1")
    town.confirm(hold, actor=shelter("S01"))
    town.arrive(hold)
    town.register(parts={"threats": [ThreatInput(PointInput(lat=52.1, lon=5.1), 30)]})
    town.register(draft=True)
    return town


def two_beds(town, unit):
    beds = town.all(select(Bed.room_id).join(Room).where(Room.unit_id == unit))
    return next(room for room in beds if beds.count(room) > 1)


def fresh(town, actor=DESK):
    return replace(actor, verified_at=town.at)


def granted(town, wanted=WANTED):
    asked = town.do(requests.ask, wanted, actor=fresh(town)).id
    town.do(second_person.grant, asked, actor=fresh(town, OTHER_DESK))
    return asked


def opened(content):
    return ZipFile(io.BytesIO(pyrage.decrypt(content, [IDENTITY])))


def lines(archive, name):
    return [json.loads(line) for line in archive.read(f"{name}.jsonl").splitlines()]


def people(town):
    """Lists residents and waiting clients with their days, and all facts that a take-over can carry."""
    found = []
    for case in town.all(select(Registration).where(Registration.status.in_(["open", "held", "placed"]))):
        stay = town.all(select(Stay).where(Stay.registration_id == case.id, Stay.status == StayStatus.IN_HOUSE))
        beds = town.all(select(BedClaim.bed_id).where(BedClaim.registration_id == case.id))
        found.append(
            (
                *(getattr(case, name) for name in ("alias", "region", "registrant", "residence_basis", "high_care")),
                *(list(getattr(case, name)) for name in ("needs", "room_needs")),
                [one.code for one in case.languages],
                [(one.gender, one.age, one.guardian) for one in case.persons],
                [(one.point["place"], one.min_km) for one in case.threats if one.point.get("place")],
                [(one.unit_id, one.starts_on, one.limit_on) for one in stay],
                None if stay else (day_of(case.waits_since), case.urgency, case.needed_by),
                len(beds) if stay else 0,
            )
        )
    return sorted(found, key=str)


def with_danger(town, km):
    """The cases with a danger that has to be so far away."""
    return [one.id for one in town.all(select(Registration)) if km in {threat.min_km for threat in one.threats}]


@pytest.mark.wide
def test_export_comes_in_elsewhere_as_the_same_people(story, stores):
    asked = granted(story)
    found = story.do(export_people, asked, "nl", actor=SYSTEM)
    copy = stores.make("empty")
    copied = Town(copy.database, copy.settings)
    outcome = copied.do(import_file, opened(found.content).read(WORKBOOK), WORKBOOK, "nl")
    assert [one for one in outcome.findings if one.blocks] == []
    assert outcome.carried_out
    assert people(copied) == people(story)
    assert len(people(copied)) == 5


@pytest.mark.wide
def test_archive_holds_every_row_and_the_log(story):
    found = story.do(export_people, granted(story), "en", actor=SYSTEM)
    archive = opened(found.content)
    assert len(lines(archive, "registrations")) == 6
    assert {one["alias"] for one in lines(archive, "registrations")} == {None, CANARY}
    records = [case["content"] for case in lines(archive, "registrations")]
    dangers = [one["point"]["place"] for record in records for one in record.get("threats", [])]
    assert set(dangers) == {"Rotterdam", None}
    assert len(lines(archive, "log")) == len(story.events()) - 1  # its own event follows it
    assert all(len(lines(archive, name)) == found.counts[name] for name in TABLES)
    assert {*lines(archive, "accounts")[0]} == {"id", "email", "role", "regions", "organisation_id"}
    assert json.loads(archive.read("manifest.json"))["incomplete_in_workbook"] == found.incomplete
    [incomplete] = found.incomplete
    assert with_danger(story, 30) == [incomplete]


@pytest.mark.wide
def test_export_writes_one_event_that_each_case_finds(story):
    asked = granted(story)
    before = len(story.events())
    story.do(export_people, asked, "nl", actor=SYSTEM)
    [event] = story.all(select(AuditEvent).order_by(AuditEvent.id))[before:]
    assert (event.event, event.object_id, event.on_behalf_of) == (Event.PEOPLE_EXPORTED, asked, DESK.id)
    assert event.facts["reason"] == "leaving"
    assert event.facts["granted_by"] == OTHER_DESK.id
    assert event.facts["counts"]["registrations"] == 6
    with story.database.transaction() as session:
        for case in session.exec(select(Registration.id)).all():
            assert event.id in {one.id for one in log_index.find(session, log_index.Wanted(case=case))}


@pytest.mark.wide
@one_store
def test_export_leaves_nothing_of_a_case_behind(story, caplog):
    found = story.do(export_people, granted(story), "nl", actor=SYSTEM)
    assert CANARY.encode() not in found.content
    assert pyrage.decrypt(found.content, [IDENTITY])
    assert CANARY not in caplog.text
    assert CANARY not in str([event.facts for event in story.all(select(AuditEvent))])
    file = story.database.engine.url.database
    assert CANARY.encode() not in Path(file).read_bytes()


@pytest.mark.wide
def test_case_without_its_key_is_listed_as_incomplete(story):
    [case] = with_danger(story, 40)
    key_store_of(story)._file(case).unlink()
    found = story.do(export_people, granted(story), "nl", actor=SYSTEM)
    assert case in found.incomplete
    archive = opened(found.content)
    assert [one["alias"] for one in lines(archive, "registrations") if one["id"] == case] == [{"unreadable": case}]
    assert [one["content"] for one in lines(archive, "registrations") if one["id"] == case] == [{"unreadable": case}]


def refused(town, verb, *args, actor=SYSTEM):
    with pytest.raises((Conflict, Invalid, NotAllowed, NotFound)) as error:
        town.do(verb, *args, actor=actor)
    return error.value.faults[0].code if isinstance(error.value, Invalid) else error.value.code


@pytest.mark.wide
def test_asking_without_a_fresh_code_or_key_is_refused(story):
    for key in ("", "age1", "ssh-ed25519 AAAA", RECIPIENT[:-1], str(IDENTITY)):
        assert refused(story, requests.ask, replace(WANTED, recipient=key), actor=fresh(story)) == "recipient_is_no_key"
    assert refused(story, requests.ask, WANTED, actor=DESK) == "second_factor_needed"
    assert story.all(select(SecondPersonRequest)) == []


@pytest.mark.wide
def test_granting_takes_another_person_with_a_code(story):
    asked = story.do(requests.ask, WANTED, actor=fresh(story)).id
    assert refused(story, second_person.grant, asked, actor=fresh(story)) == "second_person_needed"
    assert refused(story, second_person.grant, asked, actor=OTHER_DESK) == "second_factor_needed"
    assert refused(story, export_people, asked, "nl") == "leave_not_granted"
    story.later(hours=24)
    assert refused(story, second_person.grant, asked, actor=fresh(story, OTHER_DESK)) == "asking_settled"


@pytest.mark.wide
def test_granted_export_works_once_within_the_hour(story):
    asked = granted(story)
    story.later(minutes=59)
    story.do(export_people, asked, "nl", actor=SYSTEM)
    assert refused(story, export_people, asked, "nl") == "leave_done"
    late = granted(story)
    story.later(hours=1)
    assert refused(story, export_people, late, "nl") == "leave_lapsed"


@pytest.mark.wide
def test_withdrawn_or_disabled_or_other_request_is_refused(story):
    asked = granted(story)
    story.do(second_person.withdraw, asked, actor=OTHER_DESK)
    assert refused(story, export_people, asked, "nl") == "leave_not_granted"
    assert refused(story, second_person.withdraw, asked, actor=DESK) == "asking_settled"
    again = granted(story)
    for one in (DESK, OTHER_DESK):  # the first who asked, the second who granted
        disable(story, one)
        assert refused(story, export_people, again, "nl") == "asker_may_not"
        with story.database.transaction() as session:
            session.get_one(Account, one.id).disabled_at = None
    assert refused(story, export_people, "X-none", "nl") == "not_found"
