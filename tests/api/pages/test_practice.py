"""The page of the practice room in the real service, and the pages of a practice room."""

import re
from contextlib import closing

import pytest
from litestar.testing import TestClient

from api.app import create_app
from placement.access.permissions import Permission
from placement.core import practice_mode, run_folder, version
from placement.core.codes import Role
from placement.core.practice_codes import RoomState, SceneCode
from placement.core.setting_files import practice_folder
from placement.practice import room
from placement.practice.room import Room
from placement.storage.database import Database
from tests.support.api.pages import signed_in
from tests.support.practice import ADDRESS, Practice, in_practice
from tests.support.stores import AT

RIGHTS = {
    "/registrations/new": Permission.REGISTRATION_CHANGE,
    "/enquiries": Permission.ENQUIRY_READ,
    "/counts": Permission.COUNTS_READ,
    "/accounts": Permission.ACCOUNT_READ,
}


def put_room(folder, **facts):
    made = Room(address=ADDRESS, version=version.shown(), state=RoomState.RUNS, scene=SceneCode.RAID, began_at=AT)
    room.put(folder, made.model_copy(update=facts))


@pytest.mark.wide
@pytest.mark.parametrize("who", ["desk", "coordinator", "shelter_staff", "admin", "registrant"])
def test_real_service_shows_how_practice_starts_and_its_link(service, who):
    reader, folder = signed_in(service, who), practice_folder(service.app.state.settings.var)
    page = reader.get("/practice").text
    assert "The practice room does not run" in page
    assert "placement practice start" in page
    assert 'class="practice"' not in page
    put_room(folder)
    with run_folder.held(room.keeper_folder(folder)):
        page = reader.get("/practice").text
        assert "The practice room runs" in page
        assert f'href="{room.link_of(folder, ADDRESS)}"' in page
        put_room(folder, version="0.9.0")
        page = reader.get("/practice").text
        assert "Another version of the service made the practice room" in page
        assert "0.9.0" in page
        assert room.link_of(folder, ADDRESS) not in page


def test_real_service_has_no_scenes_clock_or_post(service):
    desk = service.signed_in("desk")
    assert desk.post("/practice/scene", {"scene": "raid"}).status_code == 404
    assert desk.post("/practice/clock", {"hours": 4}).status_code == 404
    assert desk.get("/practice/scenes/raid").status_code == 404
    assert desk.get("/practice/messages").status_code == 404
    assert (
        service.client.get(
            f"/practice/enter/{room.secret_of(practice_folder(service.app.state.settings.var))}"
        ).status_code
        == 404
    )
    assert not (practice_folder(service.app.state.settings.var) / "asked.json").exists()


@pytest.fixture
def practice(stores, tmp_path):
    """A room, and a browser elsewhere that has only the link."""
    with in_practice(tmp_path, stores.blank() if stores.kind == "postgresql" else "") as settings:
        made = Practice(settings, SceneCode.FIRST_NIGHT)
        with closing(Database.open(made.settings)) as database:
            client = TestClient(create_app(made.settings, database), base_url="http://practice.example")
            with client.portal() as client.blocking_portal:
                yield made, client


def sent(client, path, **fields):
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/practice").text)
    return client.post(
        path, data={"csrf_token": csrf[1] if csrf else "", **fields}, headers={"Origin": "http://practice.example"}
    )


@pytest.mark.wide
def test_link_lets_a_colleague_in_and_every_page_is_marked(practice):
    made, client = practice
    assert "Practise" not in client.get("/sign-in", headers={"Accept-Language": "en"}).text
    assert client.get("/practice/enter/wrong").status_code == 404
    client.headers["Accept-Language"] = "en"
    page = client.get(f"/practice/enter/{room.secret_of(made.settings.var)}").text
    assert "Or choose a person" in page
    assert {name.split("-")[1] for name in client.cookies} == {"practice"}
    sent(client, "/sign-in/demo", role="desk", to="/practice")
    assert set(client.cookies) == {"placement-practice", "placement-practice-device", "placement-practice-room"}
    for path in (
        "/practice",
        "/",
        "/practice/scenes/first_night",
        "/practice/messages",
        "/about",
        "/help",
        "/nowhere",
        "/second-factor",
    ):
        text = client.get(path, headers={"Accept": "text/html"}).text
        assert "This is a practice room. Nobody in it is real" in text, path
    assert re.search(r"Your code of this half minute:\s*<strong>\d{6}", client.get("/second-factor").text)
    sent(client, "/practice/clock", hours="4")
    assert room.waiting_request(made.settings.var).until
    assert "not yet" in client.get("/practice/scenes/first_night?after=true").text
    assert "What a good colleague does" in client.get("/practice/scenes/raid").text
    assert client.get("/practice/scenes/nothing").status_code == 404
    assert practice_mode.file_name("register.csv") == "practice-register.csv"


@pytest.mark.wide
def test_person_of_practice_is_chosen_without_password(practice):
    made, client = practice
    client.headers["Accept-Language"] = "en"
    page = client.get(f"/practice/enter/{room.secret_of(made.settings.var)}").text
    people = dict(re.findall(r'<option value="([^"]+)">([^ ]+) ', page))
    [staff] = [account for account, email in people.items() if email == "staff-s02@placement.example"]
    sent(client, "/sign-in/demo", role=staff, to="/capacity")
    assert "My rooms" in client.get("/capacity").text
    assert client.post("/sign-in/demo", data={"role": "A-nobody"}).status_code >= 400


@pytest.mark.wide
def test_each_role_practises_with_the_rights_of_its_role(practice):
    made, client = practice
    link = f"/practice/enter/{room.secret_of(made.settings.var)}"
    for role in (one for one in Role if one.is_person):
        client.cookies.clear()
        client.get(link)
        sent(client, "/sign-in/demo", role=role, to="/practice")
        for path in ("/practice", "/practice/scenes/raid?after=true", "/practice/messages"):
            assert client.get(path).status_code == 200, (role, path)
        assert sent(client, "/practice/clock", hours="1").status_code == 200, role
        assert room.waiting_request(made.settings.var).until
        room.forget_request(made.settings.var)
        for path, permission in RIGHTS.items():
            expected = 200 if permission.is_of_role(role) else 403
            assert client.get(path).status_code == expected, (role, path)
