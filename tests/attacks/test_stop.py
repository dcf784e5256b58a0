"""A thief changes many rows, or puts the whole database back: what cannot be taken back stops, until a person of the
desk and an admin or auditor release it. What protects clients goes on in every state.
"""

from datetime import timedelta

import pytest
from sqlalchemy import text

from placement.audit.events import Event
from placement.core.context import SYSTEM, Act
from placement.notifications import duty_sheet
from placement.storage.watch import Check, Mark, watch_of
from tests.support.api.pages import signed_in
from tests.support.api.service import API, rooms_as_they_are, somebody
from tests.support.attacks.thief import Thief, pass_a_minute
from tests.support.audit_log import logged
from tests.support.settings import changed
from tests.support.stores import AT, each_store, first_and_wide, one_store

TONIGHT, LATER = 1, 3
one_and_wide = pytest.mark.parametrize("stores", first_and_wide("sqlite", "postgresql"), indirect=True)
HOLDER = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"


@pytest.fixture
def thief(service):
    return Thief(service)


@pytest.fixture
def case(service):
    return service.desk.made("/registrations", somebody(urgency=TONIGHT))["id"]


@pytest.fixture
def stopped(service, thief):
    change_rooms(service, thief, 11)
    return service


def change_rooms(service, thief, number, name="!"):
    """Changes rows in the database, and lets the watcher find it."""
    with thief.writing() as connection:
        for room in connection.execute(text("SELECT id FROM room ORDER BY id")).scalars().all()[:number]:
            connection.execute(text("UPDATE room SET name = :name WHERE id = :id").bindparams(id=room, name=name))
    pass_a_minute(service)


def code_of(answer):
    return answer.json()["type"].rpartition(":")[2] if answer.is_error else "done"


def proposed(service, case, by=None):
    return code_of((by or service.desk).post(f"/registrations/{case}/proposals"))


def doubt(service):
    return service.desk.get("/doubt").json()


def desk_asks(service):
    return service.verified(service.desk.account).made("/doubt/release")["id"]


def granted(service, request, by, *, verified=True):
    person = service.verified(by.account) if verified else service.session_of(by.account)
    return code_of(person.post(f"/second-person-requests/{request}/grant", {}))


def is_released(service, case):
    service.app.state.watcher.look()
    return (doubt(service)["cause"], doubt(service)["rows"], proposed(service, case)) == (None, [], "done")


@pytest.mark.wide
@each_store
def test_many_changed_rows_stop_what_cannot_be_taken_back(case, stopped):
    desk, admin = stopped.verified(stopped.desk.account), stopped.verified(stopped.admin.account)
    refused = [
        desk.post(f"/registrations/{case}/proposals"),
        desk.post("/keys", {"scopes": ["read"], "days": 30}),
        desk.post("/session/recovery-codes"),
        desk.get("/registrations?format=csv"),
        desk.ask("PUT", "/details", {"name": "A"}),
        admin.post("/encryption-keys/rotations"),
        desk.post("/proposals/P-1/decision", {"decision": "accept"}),
        desk.post("/decisions/D-1/confirmation", {"granted": True}),
        desk.post("/holds/H-1/address"),
        admin.post(f"/accounts/{stopped.coordinator.account}/disable"),
    ]
    assert {code_of(answer) for answer in refused} == {"stopped_in_doubt"}
    assert "030 000 00 01" in refused[0].json()["detail"]
    assert logged(stopped, event="rows:seal_broken")


@pytest.mark.wide
@one_and_wide
def test_what_protects_clients_goes_on_in_the_stop(stopped, case):
    desk, software = stopped.desk, stopped.shelter
    for path in ("/registrations", f"/registrations/{case}", "/tasks", "/holds", "/stays", "/centre", "/shelters"):
        assert desk.get(path).is_success, path
    assert desk.get(f"/registrations/{case}/whereabouts").status_code in {200, 409}
    assert software.put("/shelters/S01/capacity", {"rooms": rooms_as_they_are(software, "S01")}).is_success
    assert desk.made("/registrations", somebody())["id"]
    settings = changed(stopped.country.settings, sheet_for=(HOLDER,))
    with stopped.database.transaction() as session:
        assert duty_sheet.encrypted(Act(session, SYSTEM, stopped.moment.at, settings), "nl")


@pytest.mark.wide
@one_store
def test_ten_changed_rows_stop_nothing_else(service, thief, case):
    change_rooms(service, thief, 10)
    assert (doubt(service)["cause"], len(doubt(service)["rows"]), proposed(service, case)) == (None, 10, "done")
    assert code_of(service.verified(service.desk.account).post("/doubt/release")) == "nothing_stopped"


@pytest.mark.wide
@each_store
def test_database_put_back_stops_until_it_is_released(service, thief, case):
    pass_a_minute(service)
    with thief.copy() as copied:
        service.desk.made("/registrations", somebody())
        copied.put_back()
    pass_a_minute(service)
    assert (doubt(service)["cause"], proposed(service, case)) == ("log", "stopped_in_doubt")
    assert granted(service, desk_asks(service), service.auditor) == "done"
    assert is_released(service, case)
    pass_a_minute(service)
    assert is_released(service, case)


@pytest.mark.wide
@each_store
def test_two_persons_release_what_they_have_seen(stopped, case):
    shown = doubt(stopped)
    assert {(row["kind"], row["change"]) for row in shown["rows"]} == {("place", "changed")}
    assert (len(shown["rows"]), shown["more"], shown["cause"]) == (11, 0, "rows")
    request = desk_asks(stopped)
    tasks = stopped.desk.get("/tasks").json()["items"]
    assert tasks[0]["kind"] == "difference"
    assert granted(stopped, request, stopped.auditor) == "done"
    assert is_released(stopped, case)
    pass_a_minute(stopped)
    assert is_released(stopped, case)
    [event] = logged(stopped, event="rows:restated")
    assert (event.actor, len(event.facts["rows"])) == (stopped.auditor.account, 11)


@pytest.mark.wide
@one_and_wide
def test_release_makes_no_forged_key_or_role_valid(service, thief, case):
    """A revoked key that was put back has a valid seal; a raised role has no valid seal."""
    key = service.coordinator.key
    [name] = [one["id"] for one in service.signed_in("coordinator").get("/keys").json()["items"]]
    row = thief.row("apikey", id=name)
    assert service.signed_in("coordinator").made(f"/keys/{name}/revoke")
    reader = service.signed_in("reader")
    thief.put_back("apikey", row)
    with thief.writing() as connection:
        connection.execute(text("UPDATE account SET role = 'desk' WHERE id = 'A-reader'"))
    change_rooms(service, thief, 11)
    grants = {f"apikey/{name}", "account/A-reader"}
    assert {one["row"] for one in doubt(service)["rows"] if one["release"] == "stays"} == grants
    page = signed_in(service, "desk").get("/doubt").text
    assert page.count("stays in doubt after a release") == len(grants)
    assert "A key of software was revoked" in page
    assert granted(service, desk_asks(service), service.auditor) == "done"
    for _ in range(3):
        pass_a_minute(service)
        assert service.client.post(f"{API}/token", json={"key": key}).status_code == 401
        assert reader.get("/session").status_code == 401
        assert {one["row"] for one in doubt(service)["rows"]} == grants
        assert (doubt(service)["cause"], proposed(service, case)) == (None, "done")
    change_rooms(service, thief, 10, name="other")
    assert doubt(service)["cause"] is None
    change_rooms(service, thief, 11, name="other")
    assert doubt(service)["cause"] == "rows"


@pytest.mark.wide
@one_and_wide
def test_changed_beds_are_released_with_their_rooms(service, thief, case):
    with thief.writing() as connection:
        connection.execute(text("UPDATE bed SET until_on = '2030-01-01' WHERE id < 13"))
    pass_a_minute(service)
    assert doubt(service)["cause"] == "rows"
    assert granted(service, desk_asks(service), service.auditor) == "done"
    assert is_released(service, case)


@pytest.mark.wide
@one_and_wide
def test_release_needs_the_desk_and_an_admin_or_auditor(stopped, case):
    assert code_of(stopped.session_of(stopped.desk.account).post("/doubt/release")) == "second_factor_needed"
    assert code_of(stopped.coordinator.post("/doubt/release")) == "role_may_not"
    assert code_of(stopped.desk.software.post("/doubt/release")) == "sign_in_needed"
    request = desk_asks(stopped)
    assert granted(stopped, request, stopped.desk) == "second_person_needed"
    assert granted(stopped, request, stopped.second) == "desk_and_other_needed"
    assert granted(stopped, request, stopped.auditor, verified=False) == "second_factor_needed"
    by_auditor = stopped.verified(stopped.auditor.account).made("/doubt/release")["id"]
    assert granted(stopped, by_auditor, stopped.admin) == "desk_and_other_needed"
    assert proposed(stopped, case) == "stopped_in_doubt"


@pytest.mark.wide
@one_and_wide
def test_person_named_by_the_rows_releases_nothing(service, thief, case):
    change_rooms(service, thief, 11, name=f"for {service.auditor.account}")
    assert code_of(service.verified(service.auditor.account).post("/doubt/release")) == "named_by_rows"
    request = desk_asks(service)
    assert granted(service, request, service.auditor) == "named_by_rows"
    assert granted(service, request, service.admin) == "done"
    assert is_released(service, case)


@pytest.mark.wide
@one_and_wide
def test_forged_rows_release_nothing(stopped, thief, case):
    """The thief grants the request in the database, and makes another of it in the name of a second person."""
    request = desk_asks(stopped)
    row = thief.row("secondpersonrequest", id=request)
    forged = {**row, "id": "G-forged", "asked_by": stopped.auditor.account}
    with thief.writing() as connection:
        grant = (
            "UPDATE secondpersonrequest SET status = 'granted', settled_by = :by, settled_at = asked_at WHERE id = :id"
        )
        connection.execute(text(grant).bindparams(id=request, by=stopped.auditor.account))
        columns = ", ".join(forged)
        values = ", ".join(f":{name}" for name in forged)
        put = text(f"INSERT INTO secondpersonrequest ({columns}) VALUES ({values})")  # noqa: S608 - our own names
        connection.execute(put, {name: getattr(value, "stored", value) for name, value in forged.items()})
    pass_a_minute(stopped)
    for one in (request, "G-forged"):
        assert granted(stopped, one, stopped.admin) != "done"
        assert granted(stopped, one, stopped.desk) != "done"
    assert proposed(stopped, case) == "stopped_in_doubt"


@pytest.mark.wide
@one_and_wide
def test_row_changed_after_the_request_is_not_released(stopped, thief, case):
    request = desk_asks(stopped)
    change_rooms(stopped, thief, 1, name="other")
    assert granted(stopped, request, stopped.auditor) == "doubt_changed"
    change_rooms(stopped, thief, 12)
    assert granted(stopped, desk_asks(stopped), stopped.auditor) == "done"
    assert is_released(stopped, case)


@pytest.fixture
def night(service, thief):
    """Rows were changed at night; the desk's own account is on call."""
    today = AT.date().isoformat()
    service.desk.made("/on-call", {"account": service.desk.account, "starts_on": today, "ends_on": today})
    service.moment.pass_by(hours=11)
    change_rooms(service, thief, 11)
    return service


@pytest.mark.wide
@one_and_wide
def test_person_on_call_releases_the_clients_of_tonight(night, case):
    other = night.desk.made("/registrations", somebody(urgency=LATER))["id"]
    assert proposed(night, case) == "stopped_in_doubt"
    assert code_of(night.verified(night.second.account).post("/doubt/release-tonight")) == "not_on_call_now"
    on_call = night.verified(night.desk.account)
    assert on_call.made("/doubt/release-tonight")["by"] == night.desk.account
    assert (proposed(night, case), proposed(night, other)) == ("done", "stopped_in_doubt")
    assert code_of(on_call.post("/keys", {"scopes": ["read"], "days": 30})) == "stopped_in_doubt"
    pass_a_minute(night)
    assert (proposed(night, case), doubt(night)["tonight"]["by"]) == ("done", night.desk.account)
    night.moment.pass_by(minutes=15)
    pass_a_minute(night)
    review = night.session_of(night.auditor.account).get("/audit/review?status=waiting").json()["items"]
    assert "released_alone" in {one["rule"] for one in review}
    [released], read = logged(night, event=Event.DOUBT_RELEASED_TONIGHT), logged(night, event=Event.DOUBT_READ)
    assert (released.actor, bool(read)) == (night.desk.account, True)


@pytest.mark.wide
@one_and_wide
def test_night_release_ends_with_the_night_or_another_row(night, thief, case):
    night.verified(night.desk.account).made("/doubt/release-tonight")
    assert proposed(night, case) == "done"
    change_rooms(night, thief, 12)
    assert proposed(night, case) == "stopped_in_doubt"
    night.verified(night.desk.account).made("/doubt/release-tonight")
    night.moment.pass_by(hours=11)
    pass_a_minute(night)
    assert proposed(night, case) == "stopped_in_doubt"
    assert code_of(night.verified(night.desk.account).post("/doubt/release-tonight")) == "not_on_call_now"


@pytest.mark.parametrize(
    ("check", "cause"),
    [
        (Check(1), None),
        (Check(1, differs="a", doubted=("room/B",)), None),
        (Check(1, differs="a"), "sums"),
        (Check(1, bad_line=3), "log"),
        (Check(1, lost=Mark(1, "a")), "log"),
        (Check(1, broken=tuple(f"room/{number}" for number in range(11))), "rows"),
    ],
)
def test_doubt_stops_by_its_kind(check, cause):
    assert check.stops == cause


@one_store
def test_late_check_stops_and_is_not_released_by_hand(service, case):
    watch_of(service.database.engine.dialect).is_late = lambda: True
    assert proposed(service, case) == "stopped_in_doubt"
    assert code_of(service.verified(service.desk.account).post("/doubt/release")) == "check_runs_first"
    watch_of(service.database.engine.dialect).is_late = lambda: False
    service.moment.at += timedelta(minutes=1)
    assert proposed(service, case) == "done"
