"""The profile of a unit on its page: the preview comes first, coarse for a shelter, and saves nothing."""

import re

import pytest
from sqlmodel import select

from placement.tables import AuditEvent
from tests.support.api.page_content import faulty
from tests.support.api.pages import signed_in
from tests.support.api.service import somebody
from tests.support.stores import one_store

UNIT = "S01-L1-U1"
PROFILE = f"/units/{UNIT}/profile"


def body(service, **changed):
    found = service.shelter.get(PROFILE).json()
    ours = ("admits", "min_age", "max_age", "children", "languages", "interpreter_languages", "specialisms")
    return {name: found[name] for name in (*ours, "high_care_limit")} | changed


def waiting(service, number, **facts):
    service.close_all()
    return sorted(service.desk.made("/registrations", somebody(**facts))["id"] for _ in range(number))


def test_profile_preview_for_the_desk_names_cases_saves_nothing(service):
    own = waiting(service, 2)
    nobody = body(service, min_age=50)
    before = service.shelter.get(PROFILE).json()
    effect = service.desk.made(f"{PROFILE}/effect", nobody)
    assert effect == {
        "opens": {"at_least": 0, "registrations": []},
        "closes": {"at_least": 2, "registrations": own},
    }
    assert service.shelter.get(PROFILE).json() == before
    assert service.shelter.put(PROFILE, nobody, If_Match=f'"{before["version"]}"').is_success
    assert service.desk.made(f"{PROFILE}/effect", body(service, min_age=18))["opens"]["registrations"] == own


@one_store
def test_profile_preview_event_names_the_cases_or_the_unit(service):
    own = waiting(service, 4)
    for caller, shown, subject, told in ((service.desk, own, None, 4), (service.shelter, None, UNIT, 0)):
        closes = caller.made(f"{PROFILE}/effect", body(service, min_age=50))["closes"]
        assert closes == {"at_least": told, "registrations": shown or []}
        with service.database.transaction() as session:
            last = session.exec(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
            assert (last.event, last.facts.get("shown"), last.object_id) == ("profile:tried", shown, subject)


@pytest.mark.wide
@one_store
def test_profile_preview_for_a_shelter_is_in_steps_of_five(service):
    for number, told in ((0, 0), (1, 0), (4, 0), (5, 5), (9, 5), (10, 10)):
        waiting(service, number)
        closes = service.shelter.made(f"{PROFILE}/effect", body(service, min_age=50))["closes"]
        assert closes == {"at_least": told, "registrations": []}


@pytest.mark.wide
@one_store
def test_whether_a_bed_is_free_today_does_not_count(service):
    waiting(service, 5)
    rooms = service.shelter.get("/shelters/S01/capacity").json()["rooms"]
    full = [{"room": room["room"], "out_of_service": {"beds": room["beds"]}} for room in rooms]
    assert service.shelter.put("/shelters/S01/capacity", {"rooms": full}).is_success
    assert service.shelter.made(f"{PROFILE}/effect", body(service, min_age=50))["closes"]["at_least"] == 5


@pytest.mark.wide
@one_store
def test_profile_is_previewed_then_saved_old_version_is_refused(service):
    waiting(service, 5)
    staff = signed_in(service, "shelter_staff")
    page = staff.get(PROFILE)
    assert f'formaction="{PROFILE}"' not in page.text
    before = body(service)
    typed = {"min_age": "50", "max_age": "99", "admits": "female", "languages": "nl", "every_language": "yes"}
    tried = staff.send(f"{PROFILE}/try", typed)
    assert "at least 5 who wait now" in tried.text
    assert body(service) == before
    form = staff.page
    staff.send(PROFILE, typed)
    saved = service.shelter.get(PROFILE).json()
    assert (saved["min_age"], saved["languages"], saved["interpreter_languages"]) == (50, ["nl"], ["*"])
    staff.page = form
    assert staff.send(PROFILE, typed | {"min_age": "20", "idempotency_key": "another"}).status_code == 412
    assert service.shelter.get(PROFILE).json()["min_age"] == 50


@pytest.mark.wide
@one_store
def test_profile_unknown_language_is_marked_at_its_field(service):
    staff = signed_in(service, "shelter_staff")
    staff.get(PROFILE)
    wrong = staff.send(f"{PROFILE}/try", min_age="18", max_age="99", admits="female", languages="xx-none")
    assert wrong.status_code == 422
    assert re.search(r'id="languages.0"[^>]*aria-invalid="true"', wrong.text)


@pytest.mark.wide
@one_store
def test_desk_previews_a_profile_but_cannot_save_it(service):
    [client] = waiting(service, 1)
    desk = signed_in(service, "desk")
    assert f'href="{PROFILE}"' in desk.get("/shelters/S01").text
    desk.get(PROFILE)
    tried = desk.send(f"{PROFILE}/try", min_age="50", max_age="99", admits="female")
    assert f'href="/registrations/{client}"' in tried.text
    assert f'formaction="{PROFILE}"' not in tried.text
    assert signed_in(service, "coordinator").get("/shelters/S01").status_code == 403


@one_store
def test_profile_with_ages_of_children_and_no_tick_is_told(service):
    typed = {"admits": "female", "min_age": "18", "max_age": "99"}
    staff = signed_in(service, "shelter_staff")
    for children, told in ((None, 422), ({"max_age": 12, "boys_max_age": 12}, 200)):
        version = service.shelter.get(PROFILE).json()["version"]
        saved = service.shelter.put(PROFILE, body(service, children=children), If_Match=f'"{version}"')
        assert saved.is_success
        staff.get(PROFILE)
        answer = staff.send(f"{PROFILE}/try", **typed, max_child="12", boys_max_age="12")
        assert (answer.status_code, faulty(answer)) == (told, {"max_child"} if told == 422 else set())


def test_boys_without_an_age_of_their_own_come_as_children(service):
    staff = signed_in(service, "shelter_staff")
    staff.get(PROFILE)
    typed = {"admits": "female", "min_age": "18", "max_age": "99", "children": "yes", "max_child": "12"}
    tried = staff.send(f"{PROFILE}/try", **typed, boys_max_age="")
    assert (tried.status_code, faulty(tried)) == (200, set())
    saved = staff.send(PROFILE, **typed, boys_max_age="")
    assert faulty(saved) == set()
    assert service.shelter.get(PROFILE).json()["children"] == {"max_age": 12, "boys_max_age": 12}


def test_staff_are_asked_for_the_profiles_that_lack_alone(service):
    unit = service.desk.made("/locations/S01-L1/units", {"name": "Zolder", "scheme": "crisis"})["unit"]["id"]
    service.desk.made(f"/units/{unit}/rooms", {"name": "1", "beds": 1})
    page = signed_in(service, "shelter_staff").get("/capacity").text
    asked = page.partition('id="no-profile"')[2].partition("</p>")[0]
    assert re.findall(r"/units/([^/]+)/profile", asked) == [unit]


@pytest.mark.wide
def test_profile_of_a_new_unit_is_empty_and_can_be_given(service):
    unit = service.desk.made("/locations/S01-L1/units", {"name": "Zolder", "scheme": "crisis"})["unit"]["id"]
    assert service.staff.get(f"/units/{unit}/profile").json()["admits"] == []
    reader = signed_in(service, "shelter_staff")
    assert "Zolder" in reader.get(f"/units/{unit}/profile").text
    assert reader.send(f"/units/{unit}/profile/try", admits="female", min_age="18", max_age="99").status_code == 200
