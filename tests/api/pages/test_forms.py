"""Pages without scripts: the journey by forms alone, refusals, and that no input is lost."""

import json
import re
from datetime import UTC, date, datetime, timedelta

import pytest
from babel import Locale

from api.pages.forms import Form, fields_of
from api.pages.refusal_pages import kept_of
from api.pages.rendering import _day, _on_a_day, _soon
from placement.access.permissions import Permission
from placement.core import clock
from tests.support.api.bodies import CONFIRM
from tests.support.api.page_content import hidden
from tests.support.api.pages import PRIVATE, Reader, fill_in, signed_in
from tests.support.api.service import AT, rooms_as_they_are, somebody
from tests.support.paths import ROOT
from tests.support.stores import one_store

API = ROOT / "api"


@pytest.mark.wide
@pytest.mark.parametrize("language", ["nl", "en"])
def test_journey_by_forms_alone_from_registration_to_stay(service, language):
    service.close_all()
    desk = signed_in(service, "desk", language=language)
    registered = desk.send("/registrations/new", **fill_in(desk))
    assert registered.status_code == 200
    assert PRIVATE in registered.text
    reference = re.search(r"R-\w{4}-\w{4}-\w{4}", registered.text)[0]
    proposal = desk.send(f"/registrations/{reference}/propose")
    assert proposal.status_code == 200
    decide = re.search(r'action="(/proposals/[^"]+/decide)"', proposal.text)[1]
    decided = desk.send(decide)
    assert decided.status_code == 200
    hold = service.desk.get(f"/holds?registration={reference}").json()["items"][0]
    staff = signed_in(service, "shelter_staff", language=language, number=int(hold["unit"][1:3]) - 1)
    assert staff.get("/holds").text.count(reference) >= 1
    assert PRIVATE not in staff.page.text
    if hold["status"] == "waiting_for_shelter":
        staff.send(f"/holds/{hold['id']}/answer", **CONFIRM)
    staff.send(f"/holds/{hold['id']}/arrive")
    assert reference in staff.page.text
    stay = service.desk.get(f"/holds/{hold['id']}").json()["stay"]
    assert staff.send(f"/stays/{stay}/end", reason="own_housing").status_code == 200
    assert service.desk.get(f"/registrations/{reference}").json()["status"] == "closed"


@pytest.mark.wide
@one_store
def test_form_error_is_at_its_field_and_keeps_the_input(service):
    desk = signed_in(service, "desk")
    wrong = desk.send("/registrations/new", **(fill_in(desk) | {"persons__0__age": "old", "registrant": ""}))
    assert wrong.status_code == 400
    assert 'id="registrant-fault"' in wrong.text
    assert '<a href="#registrant">Registrant: Choose an option.</a>' in wrong.text
    assert 'aria-describedby="persons.0.age-fault"' in wrong.text
    assert f'value="{PRIVATE}"' in wrong.text
    assert 'value="old"' in wrong.text


@pytest.mark.wide
@one_store
def test_session_end_within_a_form_keeps_the_input(service):
    desk = signed_in(service, "desk")
    filled = fill_in(desk)
    service.moment.pass_by(hours=13)
    answer = desk.send("/registrations/new", **filled)
    assert answer.status_code == 401
    service.moment.pass_by(seconds=30)
    desk.send("/sign-in", email=desk.person.email, password=desk.person.password)
    resume = desk.send("/sign-in/code", code=desk.person.code())
    assert PRIVATE in resume.text
    assert 'data-left="900"' in resume.text  # it goes off the screen with the new session
    assert PRIVATE in desk.send("/registrations/new").text
    assert desk.page.status_code == 200


@pytest.mark.wide
@one_store
def test_form_sent_twice_registers_once(service):
    desk = signed_in(service, "desk")
    filled = fill_in(desk)
    form = desk.page
    first = desk.send("/registrations/new", **filled).url
    desk.page = form
    assert desk.send("/registrations/new", **filled).url == first


@pytest.mark.wide
@one_store
def test_form_of_a_foreign_page_is_refused(service):
    desk = signed_in(service, "desk")
    before = service.desk.get("/registrations").json()["total"]
    assert desk._ask("POST", "/registrations/new", {"region": "amsterdam"}).status_code == 403
    assert desk._ask("POST", "/registrations/new", {"csrf_token": "0" * 64, "region": "amsterdam"}).status_code == 403
    assert service.desk.get("/registrations").json()["total"] == before


@one_store
def test_page_without_session_returns_after_sign_in(service):
    reader = Reader(service, "desk")
    assert reader.get("/country").url.path == "/sign-in"
    service.moment.pass_by(seconds=30)
    reader.send("/sign-in", email=reader.person.email, password=reader.person.password)
    assert reader.send("/sign-in/code", code=reader.person.code()).url.path == "/country"
    for elsewhere in ("//evil.example", "https://evil.example", "/\\evil.example"):
        assert 'name="to" value="/"' in reader.get(f"/sign-in?to={elsewhere}").text


@pytest.mark.wide
@one_store
def test_saved_form_says_so_once_where_the_reader_is(service):
    reader = signed_in(service, "desk")
    said = '<div class="note good" role="status" tabindex="-1" autofocus>Saved.</div>'
    assert said not in reader.get("/account").text
    assert said in reader.send("/account/details", name="Medewerker 1", told_at_once="all").text
    assert said not in reader.get("/account").text
    wrong = reader.send("/account/details", name="Medewerker 1", telephone="12").text
    assert '<div class="wrong" role="alert" tabindex="-1" autofocus>' in wrong
    assert said not in wrong
    service.moment.pass_by(seconds=30)
    reader.get("/second-factor")
    assert said not in reader.send("/second-factor", code=reader.person.code()).text  # nothing was stored


@one_store
def test_wrong_code_is_shown_and_starts_no_session(service):
    reader = Reader(service, "desk")
    reader.get("/sign-in")
    reader.send("/sign-in", email=reader.person.email, password="a wrong password, and long")  # noqa: S106
    assert reader.send("/sign-in/code", code="000000").status_code == 401
    assert 'role="alert"' in reader.page.text
    assert reader.get("/").url.path == "/sign-in"


@pytest.mark.wide
@one_store
def test_desk_opens_a_case_by_page_with_an_event_per_step(service):
    theirs = service.coordinator.made("/registrations", somebody(alias=PRIVATE))["id"]
    desk = signed_in(service, "desk")
    asked = desk.get(f"/registrations/{theirs}")
    assert asked.status_code == 403
    assert PRIVATE not in asked.text
    assert desk.send(f"/registrations/{theirs}/open").status_code == 400
    assert PRIVATE in desk.send(f"/registrations/{theirs}/open", reason="danger_now").text
    rows_logged = [row["event"] for row in service.auditor.get(f"/registrations/{theirs}/accesses").json()["items"]]
    assert {"access:refused", "registration:opened", "page:shown"} <= set(rows_logged)


@one_store
def test_foreign_and_unknown_things_look_alike_on_a_page(service):
    reader = signed_in(service, "coordinator")
    region = service.country.credentials["people"]
    own = next(one["regions"] for one in region if one["email"] == reader.person.email)
    foreign = next(row["id"] for row in service.desk.get("/registrations").json()["items"] if row["region"] not in own)
    texts = {reader.get(f"/registrations/{one}").text.replace(one, "") for one in (foreign, foreign[:-4] + "2222")}
    assert reader.page.status_code == 404
    assert len(texts) == 1


def test_every_page_has_a_permission_and_every_form_is_declared(shared):
    pages = [
        (template, method, handler)
        for template, methods in shared.app.route_handler_method_map.items()
        for method, handler in methods.items()
        if not template.startswith(("/api", "/schema", "/static", "/health", "/metrics", "/about", "/.well-known"))
        and method in {"GET", "POST"}
    ]
    assert len(pages) >= 20
    for template, method, handler in pages:
        assert bool(handler.opt.get("public")) != ("permission" in handler.opt), template
        assert method == "GET" or handler.opt.get("form"), template


def test_page_has_no_inline_script_style_or_foreign_request():
    for template in (API / "templates" / "pages").glob("*.html"):
        text = template.read_text()
        assert not re.search(r"<style|\sstyle=|\son\w+=|https?://", text), template.name
        assert re.findall(r"<script(?! src=\"/static/)", text) == [], template.name


@pytest.mark.parametrize(
    ("ahead", "words"),
    [
        (timedelta(hours=1), "di 12:00"),
        (timedelta(days=3), "vr 11:00"),
        (timedelta(days=-3), "za 11:00"),
        (timedelta(days=4), "za 28 nov 11:00"),
        (timedelta(days=-4), "vr 20 nov 11:00"),
    ],
)
def test_day_of_the_week_stands_alone_where_it_comes_once(ahead, words, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)
    assert _soon(AT + ahead, Locale("nl")) == words


@pytest.mark.parametrize(
    ("ahead", "words"),
    [(-179, "vr 29 mei 12:00"), (-374, "za 15 nov 2025 11:00"), (179, "za 22 mei 12:00"), (374, "vr 3 dec 2027 11:00")],
)
def test_moment_of_another_year_says_its_year(ahead, words, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: AT)
    for said in (_on_a_day, _soon):
        assert said(AT + timedelta(days=ahead), Locale("nl")) == words


def test_day_of_a_moment_is_the_day_in_amsterdam():
    late = datetime(2026, 11, 26, 23, 30, tzinfo=UTC)
    assert {_day(late), _day(late.isoformat()), _day("2026-11-27")} == {date(2026, 11, 27)}


def test_kept_form_holds_plain_data():
    form = Form([("csrf_token", "x"), ("region", "amsterdam"), ("needs", "infant"), ("needs", "family")])
    assert json.loads(kept_of(form)) == [["region", "amsterdam"], ["needs", "infant"], ["needs", "family"]]
    assert form.all("needs") == ["infant", "family"]
    typed = [("current", "walnut trapeze"), ("password", "gondola mist"), ("code", "123456")]
    assert json.loads(kept_of(Form(typed))) == []
    assert Form([("a.0.b", "1"), ("a.2.b", " 3 "), ("a.1.b", "")]).rows("a") == [{"b": "1"}, {"b": "3"}]


@pytest.mark.wide
@one_store
def test_foreign_site_cannot_send_keep_or_sign_in_by_form(service):
    desk = signed_in(service, "desk")
    filled = fill_in(desk)
    desk.origin = "https://evil.example"
    assert desk.send("/registrations/new", **filled).status_code == 403
    stranger = Reader(service, "desk")
    stranger.origin = "https://evil.example"
    answer = stranger._ask("POST", "/registrations/new", filled)
    assert answer.url.path == "/sign-in"
    assert PRIVATE not in answer.text
    for path in ("/sign-in", "/sign-in/code", "/language"):
        assert stranger._ask("POST", path, {"email": "a", "password": "b", "code": "c"}).status_code == 403


@pytest.mark.wide
@one_store
def test_kept_form_is_not_given_to_the_next_account(service):
    desk = signed_in(service, "desk")
    filled = fill_in(desk)
    service.moment.pass_by(hours=13)
    desk.send("/registrations/new", **filled)
    other = service.browser("coordinator")
    service.moment.pass_by(seconds=30)
    desk.send("/sign-in", email=other.email, password=other.password)
    assert PRIVATE not in desk.send("/sign-in/code", code=other.code()).text


def test_kept_form_replaces_no_own_field_and_may_be_corrupt():
    for broken in ("", "null", "[1]", '[["a"]]', "{}", "nonsense", '{"a": 1}'):
        assert fields_of(broken) == []
    assert fields_of('[["csrf_token", "x"], ["region", "amsterdam"]]') == [("region", "amsterdam")]


@pytest.mark.wide
@one_store
def test_page_of_a_case_not_opened_is_refused_with_its_event(service):
    theirs = service.coordinator.made("/registrations", somebody())["id"]
    proposal = service.coordinator.made(f"/registrations/{theirs}/proposals")["id"]
    desk = signed_in(service, "desk")
    before = service.auditor.get("/audit/events?limit=1").json()["items"][0]["line"]
    assert desk.get(f"/proposals/{proposal}").status_code == 403
    rows_logged = service.auditor.get("/audit/events?limit=20").json()["items"]
    assert "access:refused" in [row["event"] for row in rows_logged if row["line"] > before]


@pytest.mark.wide
@one_store
@pytest.mark.parametrize(
    ("page", "part"),
    [
        ("/", Permission.COUNTRY_READ),
        ("/", Permission.TASKS_READ),
        ("/", Permission.DECISION_READ),
        ("/today/board", Permission.HOLD_READ),
        ("/account", Permission.KEY_READ),
        ("/holds", Permission.STAY_READ),
        ("/registrations/{case}", Permission.HOLD_READ),
        ("/proposals/{proposal}", Permission.REGISTRATION_READ),
        ("/proposals/{proposal}/decline", Permission.DECISION_READ),
    ],
)
def test_page_with_a_part_that_may_not_be_read_reads_nothing(service, monkeypatch, page, part):
    desk = signed_in(service, "desk")
    case = service.desk.made("/registrations", somebody())["id"]
    proposal = service.desk.made(f"/registrations/{case}/proposals")["id"]
    before = service.auditor.get("/audit/events?limit=1").json()["items"][0]["line"]
    monkeypatch.setattr(part, "reach", {})
    assert desk.get(page.format(case=case, proposal=proposal)).status_code == 403
    monkeypatch.undo()
    rows_logged = service.auditor.get("/audit/events?limit=20").json()["items"]
    assert [row["event"] for row in rows_logged if row["line"] > before] == ["access:refused", "log:searched"]


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("part", [Permission.HOLD_READ, Permission.STAY_READ])
def test_capacity_page_needs_the_permission_of_its_tasks(service, monkeypatch, part):
    staff = signed_in(service, "shelter_staff")
    assert staff.get("/capacity").status_code == 200
    monkeypatch.setattr(part, "reach", {})
    assert staff.get("/capacity").status_code == 403


@pytest.mark.wide
@one_store
def test_field_that_no_browser_sends_is_a_fault_of_the_form(service):
    coordinator, staff = signed_in(service, "coordinator"), signed_in(service, "shelter_staff")
    filled = {name.replace("__", "."): value for name, value in fill_in(coordinator).items()}
    csrf = {"csrf_token": hidden(coordinator.page, "csrf_token")}
    digits = "9" * 5000
    for odd in (
        {"near.lat": "north", "near.lon": "5"},
        {"threats.0.lat": "1,5", "threats.0.lon": "5", "threats.0.min_km": "5"},
        {"urgency": digits},
        {f"persons.{digits}.age": "4", "persons.0.age": ""},
        {"region": "a\0b"},
    ):
        assert coordinator._ask("POST", "/registrations/new", csrf | filled | odd).status_code == 400, odd
    staff.get("/capacity")
    rooms = {"csrf_token": hidden(staff.page, "csrf_token"), "rooms.0.others": "1"}
    assert staff._ask("POST", "/capacity", rooms).status_code == 400


@one_store
def test_file_or_odd_origin_in_a_form_is_no_server_fault(service):
    ours = {"Origin": str(service.client.base_url).rstrip("/")}
    file = {"email": ("name.txt", b"content"), "password": ("name.txt", b"content")}
    assert service.client.post("/sign-in", headers=ours, files=file).status_code == 200
    for origin in ("http://[::1", "null", ""):
        assert service.client.post("/sign-in", headers={"Origin": origin}, data={}).status_code == 403


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("before", ["9" * 30, "9" * 100, "-1", "²"])
def test_log_page_before_an_impossible_line_is_the_newest(service, before):
    client = service.coordinator.made("/registrations", somebody())["id"]
    auditor = signed_in(service, "auditor")
    for path in ("/log", f"/log/cases/{client}"):
        assert auditor.get(f"{path}?before={before}").status_code == 200


@one_store
def test_return_address_with_odd_characters_is_ignored(service):
    answer = service.client.get("/registrations/a%0d%0aX-Evil:1", follow_redirects=False)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?to=/registrations/a%0D%0AX-Evil%3A1"


@pytest.mark.wide
@one_store
def test_capacity_form_keeps_what_software_reported(service):
    rooms = rooms_as_they_are(service.shelter, "S01")
    used = [
        {"count": 1, "gender": "female", "minor": True, "until": "2026-12-20"},
        {"count": 1, "gender": "female", "minor": True, "until": "2026-12-24"},
    ]
    at = next(
        number
        for number, room in enumerate(service.shelter.get("/shelters/S01/capacity").json()["rooms"])
        if room["beds"] > 1
    )
    rooms[at] = {"room": rooms[at]["room"], "used_by_others": used}
    assert service.shelter.put("/shelters/S01/capacity", {"rooms": rooms}).is_success
    before = service.shelter.get("/shelters/S01/capacity").json()
    staff = signed_in(service, "shelter_staff")
    form = re.search(r'<form method="post" action="/capacity"[^>]*>.*?</form>', staff.get("/capacity").text, re.DOTALL)[
        0
    ]
    typed = re.findall(r'<input(?! type="hidden")[^>]* name="([^"]+)"[^>]* value="([^"]*)"', form)
    chosen = re.findall(r'<select[^>]* name="([^"]+)">(.*?)</select>', form, re.DOTALL)
    picked = {name: (re.findall(r'value="([^"]*)" selected', options) or [""])[0] for name, options in chosen}
    assert staff.send("/capacity", dict(typed) | picked).status_code == 200
    after = service.shelter.get("/shelters/S01/capacity").json()
    assert after["rooms"][at]["used_by_others"] == before["rooms"][at]["used_by_others"] == used
    assert [room["free_from"] for room in after["rooms"]] == [room["free_from"] for room in before["rooms"]]
    assert after["version"] > before["version"]
