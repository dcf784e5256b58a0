"""Guards behind another guard: tested by themselves, since the first would hide that they are gone."""

import pytest
from sqlmodel import select

from placement.core.codes import Role
from placement.tables import Account, ApiKey, Organisation
from tests.support.api.bodies import CONFIRM
from tests.support.api.resources import asked_hold
from tests.support.api.service import API, somebody
from tests.support.stores import one_store

pytestmark = one_store


def test_non_bearer_scheme_with_a_valid_token_is_refused(service):
    token = service.desk.software.authorization()["Authorization"].split()[1]
    for scheme, status in (("Bearer", 200), ("bearer", 200), ("Basic", 401), ("Token", 401)):
        answer = service.client.get(f"{API}/vocabulary", headers={"Authorization": f"{scheme} {token}"})
        assert answer.status_code == status, scheme


def test_admin_sees_shelter_keys_and_own_keys_only(service):
    with service.database.transaction() as session:
        theirs = {key.id for key in session.exec(select(ApiKey)) if key.account_id not in {None, "A-admin"}}
    seen = {key["id"] for key in service.admin.get("/keys").json()["items"]}
    assert seen
    assert theirs
    assert seen.isdisjoint(theirs)


def test_disabled_account_has_no_session_even_if_not_ended(service):
    desk = service.signed_in("desk")
    with service.database.transaction() as session:
        account = session.get_one(Account, desk.get("/session").json()["account"])
        account.disabled_at = service.moment.at
    assert desk.get("/session").status_code == 401


def test_expired_key_is_not_listed(service):
    before = {key["id"] for key in service.desk.get("/keys").json()["items"]}
    with service.database.transaction() as session:
        session.add(
            ApiKey(
                id="K-old",
                fingerprint="old",
                account_id=service.desk.ask("GET", "/session").json()["account"],
                scopes=["read"],
                created_at=service.moment.at,
                expires_at=service.moment.at,
            )
        )
    assert {key["id"] for key in service.desk.get("/keys").json()["items"]} == before


@pytest.mark.wide
@pytest.mark.parametrize("passed", [{"minutes": 16}, {"hours": 13}])
def test_expired_session_is_not_listed(service, passed):
    desk = service.signed_in("desk")
    steps = passed.get("hours", 0) * 6
    for _ in range(steps):  # used all the while, so that its age alone ends it
        service.moment.pass_by(minutes=10)
        desk.get("/session")
    service.moment.pass_by(**({} if steps else passed), hours=1 if steps else 0)
    fresh = service.signed_in("desk")
    assert [one["this"] for one in fresh.get("/sessions").json()["items"]] == [True]


def test_keep_apart_reference_of_another_region_is_refused(service):
    """To be kept apart from: only from whom one may see. The desk, which sees all, sets it for the rest."""
    stays = service.desk.get("/stays").json()["items"]
    regions = {row["id"]: row["region"] for row in service.desk.get("/registrations?limit=200").json()["items"]}
    foreign = next(stay["registration"] for stay in stays if regions[stay["registration"]] != "amsterdam")
    answers = []
    for reference in (foreign, "R-2222-2222-2222"):
        answer = service.coordinator.post("/registrations", somebody(keep_apart=[reference]))
        answers.append((answer.status_code, answer.text.replace(reference, "")))
    assert answers[0] == answers[1]
    assert answers[0][0] == 400
    assert service.desk.post("/registrations", somebody(keep_apart=[foreign])).status_code == 201


def test_body_nested_too_deep_is_refused_as_unreadable(service):
    for body in (b"[" * 400_000, b'{"a":' * 100_000):
        answer = service.client.post(f"{API}/token", content=body, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["type"]) == (400, "urn:placement:problem:malformed")


def test_body_not_utf8_is_refused_path_with_nul_is_not_found(service):
    for path in ("/token", "/session"):
        body = b'{"key": "\xff\xfe"}'
        answer = service.client.post(f"{API}{path}", content=body, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["type"]) == (400, "urn:placement:problem:malformed_letters"), path
    for path in ("/static/placement.css%00.html", "/static/%00", f"{API}/token%00", "/%00"):
        answer = service.client.get(path)
        assert (answer.status_code, answer.json()["type"]) == (404, "urn:placement:problem:not_found"), path


@pytest.mark.wide
def test_key_of_a_disabled_or_reinvited_account_stays_revoked(service):
    for shut in ("invitation", "disable"):
        person = service.person(Role.DESK)
        with service.database.transaction() as session:
            session.get_one(Account, person.account).organisation_id = "O-centre"
        token = person.software.authorization()
        answer = service.signed_in("admin").made(f"/accounts/{person.account}/{shut}")
        if shut == "disable":
            service.signed_in("admin").made(f"/accounts/{person.account}/enable")
        else:
            service.granted(answer)
        assert service.client.get(f"{API}/vocabulary", headers=token).status_code == 401
        assert service.client.post(f"{API}/token", json={"key": person.key}).status_code == 401


@pytest.mark.wide
def test_keep_apart_by_desk_is_hidden_and_survives_an_update(service):
    foreign = service.elsewhere.made("/registrations", somebody(region="limburg"))["id"]
    own = service.coordinator.made("/registrations", somebody())["id"]
    other = service.coordinator.made("/registrations", somebody())["id"]
    service.opened(own)
    version = service.desk.get(f"/registrations/{own}").json()["version"]
    set_by_desk = {"keep_apart": [foreign]}
    assert service.desk.ask("PATCH", f"/registrations/{own}", set_by_desk, If_Match=f'"{version}"').is_success
    assert service.coordinator.get(f"/registrations/{own}").json()["keep_apart"] == []
    for mine in ([other], []):
        version = service.coordinator.get(f"/registrations/{own}").json()["version"]
        change = service.coordinator.ask(
            "PATCH", f"/registrations/{own}", {"keep_apart": mine}, If_Match=f'"{version}"'
        )
        assert change.json()["keep_apart"] == mine
    assert service.desk.get(f"/registrations/{own}").json()["keep_apart"] == [foreign]


@pytest.mark.wide
def test_replayed_answer_is_refused_after_access_ended(service):
    made = service.coordinator.post("/registrations", somebody(), Idempotency_Key="moves")
    own = made.json()["id"]
    service.opened(own)
    moved = service.desk.ask("PATCH", f"/registrations/{own}", {"region": "limburg"}, If_Match='"1"')
    assert moved.is_success
    assert service.coordinator.post("/registrations", somebody(), Idempotency_Key="moves").status_code == 404


@pytest.mark.wide
def test_replayed_answer_is_refused_to_staff_of_another_shelter(service):
    hold = asked_hold(service)
    staff = service.signed_in("shelter_staff")
    mine = staff.get("/session").json()["account"]

    def confirmed():
        return staff.ask("POST", f"/holds/{hold}/answer", CONFIRM, Idempotency_Key="moves")

    first, again = confirmed(), confirmed()
    assert (first.status_code, again.content) == (200, first.content)
    with service.database.transaction() as session:
        [theirs] = session.exec(select(Organisation.id).where(Organisation.shelter_id == "S02"))
        session.get_one(Account, mine).organisation_id = theirs
    assert staff.get(f"/holds/{hold}").status_code == 404
    moved = confirmed()
    assert (moved.status_code, hold in moved.text) == (400, False)


@pytest.mark.wide
def test_replayed_answer_for_the_desk_needs_the_case_open(service):
    own = service.coordinator.made("/registrations", somebody())["id"]
    service.opened(own)

    def urgent():
        return service.desk.ask("PATCH", f"/registrations/{own}", {"urgency": 3}, If_Match='"1"', Idempotency_Key="u")

    first, again = urgent(), urgent()
    assert (first.status_code, again.status_code, again.json()) == (200, 200, first.json())
    service.moment.pass_by(hours=2)
    ended = urgent()
    assert (ended.status_code, ended.json()["type"]) == (403, "urn:placement:problem:reason_needed")
    service.opened(own)
    assert urgent().json() == first.json()


@pytest.mark.wide
def test_keep_apart_of_another_region_hides_the_reference(service):
    """An attack: a client of the own region is named, the desk moves that client, and the bait asks where to."""
    service.close_all()
    other = service.coordinator.made("/registrations", somebody())["id"]
    bait = service.coordinator.made("/registrations", somebody(keep_apart=[other]))["id"]
    assert service.coordinator.get(f"/registrations/{bait}").json()["desk_finds_place"] is False
    service.opened(other)
    moved = service.desk.patch(f"/registrations/{other}", {"region": "limburg"}, If_Match='"1"')
    assert moved.is_success
    own = service.coordinator.get(f"/registrations/{bait}").json()
    assert (own["keep_apart"], own["desk_finds_place"]) == ([], True)
    for language, words in (
        ("en", "The placement desk finds the place"),
        ("nl", "De plaatsingsdesk zoekt de plaats"),
    ):
        answer = service.coordinator.post(f"/registrations/{bait}/proposals", Accept_Language=language)
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:placement:problem:desk_finds_place")
        assert words in answer.text
    service.opened(bait)
    proposal = service.desk.made(f"/registrations/{bait}/proposals")
    read = service.coordinator.get(f"/proposals/{proposal['id']}").json()
    assert (read["one_place"], read["alternatives"], read["others"], read["ways_out"]) == (True, [], [], [])
    assert all(way["agree"] and way["changes"] and way["places"] for way in proposal["ways_out"])
    assert proposal["ways_out"]
    assert read["chosen"]["unit"] == proposal["chosen"]["unit"]
    browser = service.signed_in("coordinator")
    shown = pages_of(service, browser, f"/registrations/{bait}", f"/proposals/{proposal['id']}")
    assert all("The placement desk finds the place" in one for one in shown)
    assert "with a client of another region; only the placement desk knows" in shown[0]
    assert not any(wanted in one for one in shown for wanted in (f"/{bait}/propose", 'value="accept"', other))
    unit = proposal["others"][0]["unit"]
    assert service.client.get(f"/proposals/{proposal['id']}/units/{unit}", headers=as_sent(browser)).status_code == 404
    version = service.desk.get(f"/registrations/{bait}").json()["version"]
    lifted = service.desk.patch(f"/registrations/{bait}", {"keep_apart": []}, If_Match=f'"{version}"')
    assert lifted.is_success
    assert service.coordinator.get(f"/registrations/{bait}").json()["desk_finds_place"] is False
    assert service.coordinator.post(f"/registrations/{bait}/proposals").status_code == 201


def pages_of(service, browser, *paths):
    answers = [service.client.get(path, headers=as_sent(browser)) for path in paths]
    assert [answer.status_code for answer in answers] == [200] * len(paths)
    return [answer.text for answer in answers]


def as_sent(browser):
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    return {"User-Agent": browser.agent, "Cookie": cookies, "Accept-Language": "en"}
