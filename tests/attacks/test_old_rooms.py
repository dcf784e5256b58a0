"""A thief with the password of the database puts back what was true of a room: a bed that was taken away, a client's
claim, a closing, a count; or a proposal that has expired. Within a minute the room gives nothing out. Nobody decides on
the proposal, and a deleted change of facts is named.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import pytest
from httpx import Response
from sqlalchemy import text

from placement.audit.watcher import Watcher
from placement.capacity.room_state import room_states
from placement.core.clock import day_of
from placement.crypto.encrypted_columns import keys_of
from tests.support.api.service import Service, somebody
from tests.support.attacks.thief import Thief, pass_a_minute
from tests.support.stores import each_store

UNIT, ROOM = "S01-L1-U1", "S01-L1-U1-R01"
NEWEST = "WHERE id IN (SELECT max(id) FROM roomreport GROUP BY room_id)"


def close(service):
    today = service.moment.at.date()
    days = {"no_new_from": today.isoformat(), "until": (today + timedelta(days=9)).isoformat()}
    return service.staff.post(f"/rooms/{ROOM}/close", days, if_match='"1"')


def take_a_bed_away(service):
    return service.staff.patch(f"/rooms/{ROOM}", {"beds": 1}, if_match='"1"')


def live_in(service):
    today = service.moment.at.date().isoformat()
    return service.desk.post("/takeovers", somebody(unit=UNIT, rooms=[{"room": ROOM}], came_on=today))


def put_out_of_service(service):
    out = {"beds": free(service), "reason": "other", "until": None}
    return service.staff.patch(f"/shelters/S01/capacity/rooms/{ROOM}", {"out_of_service": out})


@dataclass(frozen=True)
class Attack:
    """`act`: what happens in the room. `write`: what undoes it. `row`: how the name of a row in doubt begins."""

    act: Callable[[Service], Response]
    write: str
    row: str


ATTACKS = {
    "bed": Attack(take_a_bed_away, "UPDATE bed SET until_on = NULL", f"bed/{ROOM}/"),
    "claim": Attack(live_in, "UPDATE bedclaim SET cancelled = true", "bedclaim/"),
    "deleted claim": Attack(live_in, "DELETE FROM bedclaim", "bedclaim/"),
    "closing": Attack(close, "UPDATE roomclosure SET since = '2030-01-01'", f"roomclosure/{ROOM}/"),
    "deleted closing": Attack(close, "DELETE FROM roomclosure", f"roomclosure/{ROOM}/"),
    "count": Attack(put_out_of_service, f"UPDATE roomreport SET out_of_service = 0 {NEWEST}", "roomreport/"),  # noqa: S608
    "deleted count": Attack(put_out_of_service, f"DELETE FROM roomreport {NEWEST}", f"roomreport/{ROOM}"),  # noqa: S608
}


@pytest.fixture
def thief(service):
    return Thief(service)


def free(service):
    with service.database.transaction() as session:
        return room_states(session, day_of(service.moment.at))[ROOM].vacancy.free_beds


def in_doubt(service):
    pass_a_minute(service)
    return keys_of(service.database.engine.dialect).doubted


@each_store
@pytest.mark.parametrize("name", ATTACKS)
def test_room_with_an_old_row_gives_nothing_out(service, thief, name):
    attack = ATTACKS[name]
    answer = attack.act(service)
    assert answer.is_success, answer.text
    assert not in_doubt(service)
    with thief.writing() as connection:
        connection.execute(text(attack.write))
    found = in_doubt(service)
    assert free(service) == 0
    assert any(row.startswith(attack.row) for row in found), found


@pytest.mark.wide
@each_store
def test_deleted_claim_is_named_after_a_restart(service, thief):
    assert live_in(service).is_success
    assert not in_doubt(service)
    with thief.writing() as connection:
        connection.execute(text("DELETE FROM bedclaim WHERE id = (SELECT max(id) FROM bedclaim)"))
    service.app.state.watcher = Watcher(service.database, service.country.settings)
    assert any(row.startswith("bedclaim/") for row in in_doubt(service))
    found = service.desk.get("/doubt").json()
    [claim] = [one for one in found["rows"] if one["row"].startswith("bedclaim/")]
    assert (found["cause"], claim["change"], claim["before"], claim["after"]) == (None, "deleted", 1, None)


@pytest.mark.wide
@each_store
def test_expired_proposal_that_is_open_again_is_not_decided(service, thief):
    case = service.desk.made("/registrations", somebody(urgency=1))["id"]
    proposal = service.desk.made(f"/registrations/{case}/proposals")["id"]
    service.moment.pass_by(days=2)
    assert not in_doubt(service)
    decision = {"decision": "accept"}
    assert service.desk.post(f"/proposals/{proposal}/decision", decision).status_code == 409
    with thief.writing() as connection:
        connection.execute(text("UPDATE proposal SET status = 'made', expires_at = '2030-01-01 00:00:00+00:00'"))
    answer = service.desk.post(f"/proposals/{proposal}/decision", decision)
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:placement:problem:seal_broken")
    assert f"proposal/{proposal}" in in_doubt(service)
    assert service.desk.get(f"/proposals/{proposal}").is_success


@pytest.mark.wide
@each_store
def test_deleted_change_of_facts_is_named(service, thief):
    case = service.desk.made("/registrations", somebody())["id"]
    assert service.desk.patch(f"/registrations/{case}", {"urgency": 2}, If_Match='"1"').is_success
    assert not in_doubt(service)
    with thief.writing() as connection:
        connection.execute(text("DELETE FROM factchange"))
    assert any(row.startswith("factchange/") for row in in_doubt(service))
