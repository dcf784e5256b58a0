"""The profile of a unit on its page, and fixed questions about another profile, which save nothing."""

import re

import pytest
from sqlmodel import select

from placement.capacity.unit_profile import set_profile
from placement.core.place_codes import ProfileTrial
from placement.solver.profile_preview import changed_by
from placement.tables import AuditEvent, Unit
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


def saved(service, **changed):
    version = service.shelter.get(PROFILE).headers["ETag"]
    assert service.shelter.put(PROFILE, body(service, **changed), If_Match=version).is_success


def asked(caller, question):
    return caller.made(f"{PROFILE}/effect", {"question": question})


@pytest.mark.wide
def test_profile_question_of_the_desk_names_cases_saves_nothing(service):
    own = waiting(service, 2)
    before = service.shelter.get(PROFILE).json()
    nobody = {"clients": "few", "registrations": []}
    closed = {"question": "women", "opens": nobody, "closes": {"clients": "few", "registrations": own}}
    assert asked(service.desk, "women") == closed
    assert service.shelter.get(PROFILE).json() == before
    saved(service, admits=["male"])
    assert asked(service.desk, "women") == {**closed, "opens": closed["closes"], "closes": nobody}


@pytest.mark.wide
@one_store
def test_profile_question_has_an_event_of_the_cases_or_the_unit(service):
    own = waiting(service, 4)
    for caller, shown, subject in ((service.desk, own, None), (service.shelter, None, UNIT)):
        closes = asked(caller, "women")["closes"]
        assert closes == {"clients": "few", "registrations": shown or []}
        with service.database.transaction() as session:
            last = session.exec(select(AuditEvent).order_by(AuditEvent.id.desc())).first()
            assert (last.event, last.facts.get("shown"), last.object_id) == ("profile:tried", shown, subject)
            assert last.facts["question"] == "women"


@pytest.mark.wide
@one_store
def test_answer_to_a_profile_question_is_in_words(service):
    for number, told in ((0, "few"), (4, "few"), (5, "some"), (9, "some"), (10, "many")):
        waiting(service, number)
        assert asked(service.shelter, "women")["closes"] == {"clients": told, "registrations": []}


@pytest.mark.parametrize("question", [*ProfileTrial])
def test_each_profile_question_turns_a_fact_and_turns_it_back(service, question):
    with service.database.transaction() as session:
        unit = session.get_one(Unit, UNIT)
        for _ in range(2):
            before = {name: getattr(unit, name) for name in changed_by(unit, question)}
            set_profile(unit, changed_by(unit, question))
            assert {name: getattr(unit, name) for name in before} != before
        again = changed_by(unit, question)
        set_profile(unit, again)
        set_profile(unit, changed_by(unit, question))
        set_profile(unit, changed_by(unit, question))
        assert {name: getattr(unit, name) for name in again} == again


@pytest.mark.wide
@one_store
def test_whether_a_bed_is_free_today_does_not_count(service):
    waiting(service, 5)
    rooms = service.shelter.get("/shelters/S01/capacity").json()["rooms"]
    full = [{"room": room["room"], "out_of_service": {"beds": room["beds"]}} for room in rooms]
    assert service.shelter.put("/shelters/S01/capacity", {"rooms": full}).is_success
    assert asked(service.shelter, "women")["closes"]["clients"] == "some"


@pytest.mark.wide
@pytest.mark.parametrize(
    ("language", "words"), [("en", "five to nine who wait now"), ("nl", "vijf tot negen die nu wachten")]
)
def test_page_shows_the_answer_and_saves_nothing(service, language, words):
    waiting(service, 5)
    staff = signed_in(service, "shelter_staff", language=language)
    staff.get(PROFILE)
    before = body(service)
    answer = staff.send(f"{PROFILE}/try", question="women")
    assert words in answer.text
    assert body(service) == before
    assert staff.send(f"{PROFILE}/try", question="nonsense").status_code == 400


@pytest.mark.wide
@one_store
def test_profile_is_saved_on_its_page_and_old_version_is_refused(service):
    staff = signed_in(service, "shelter_staff")
    typed = {"min_age": "50", "max_age": "99", "admits": "female", "languages": "nl", "every_language": "yes"}
    staff.get(PROFILE)
    form = staff.page
    staff.send(PROFILE, typed)
    found = service.shelter.get(PROFILE).json()
    assert (found["min_age"], found["languages"], found["interpreter_languages"]) == (50, ["nl"], ["*"])
    staff.page = form
    assert staff.send(PROFILE, typed | {"min_age": "20", "idempotency_key": "another"}).status_code == 412
    assert service.shelter.get(PROFILE).json()["min_age"] == 50


@pytest.mark.wide
@one_store
def test_profile_unknown_language_is_marked_at_its_field(service):
    staff = signed_in(service, "shelter_staff")
    staff.get(PROFILE)
    wrong = staff.send(PROFILE, min_age="18", max_age="99", admits="female", languages="xx-none")
    assert wrong.status_code == 400
    assert re.search(r'id="languages.0"[^>]*aria-invalid="true"', wrong.text)


@pytest.mark.wide
@one_store
def test_desk_asks_about_a_profile_but_cannot_save_it(service):
    [client] = waiting(service, 1)
    desk = signed_in(service, "desk")
    assert f'href="{PROFILE}"' in desk.get("/shelters/S01").text
    desk.get(PROFILE)
    tried = desk.send(f"{PROFILE}/try", question="women")
    assert f'href="/registrations/{client}"' in tried.text
    assert "Bewaar" not in tried.text
    assert ">Opslaan<" not in tried.text
    assert signed_in(service, "coordinator").get("/shelters/S01").status_code == 403


@pytest.mark.wide
@one_store
def test_profile_with_ages_of_children_and_no_tick_is_told(service):
    typed = {"admits": "female", "min_age": "18", "max_age": "99"}
    staff = signed_in(service, "shelter_staff")
    for children, told in ((None, 400), ({"max_age": 12, "boys_max_age": 12}, 200)):
        version = service.shelter.get(PROFILE).json()["version"]
        kept = service.shelter.put(PROFILE, body(service, children=children), If_Match=f'"{version}"')
        assert kept.is_success
        staff.get(PROFILE)
        answer = staff.send(PROFILE, **typed, max_child="12", boys_max_age="12")
        assert (answer.status_code, faulty(answer)) == (told, {"max_child"} if told == 400 else set())


@pytest.mark.wide
def test_boys_without_an_age_of_their_own_come_as_children(service):
    staff = signed_in(service, "shelter_staff")
    staff.get(PROFILE)
    typed = {"admits": "female", "min_age": "18", "max_age": "99", "children": "yes", "max_child": "12"}
    done = staff.send(PROFILE, **typed, boys_max_age="")
    assert (done.status_code, faulty(done)) == (200, set())
    assert service.shelter.get(PROFILE).json()["children"] == {"max_age": 12, "boys_max_age": 12}


@pytest.mark.wide
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
    assert reader.send(f"/units/{unit}/profile/try", question="women").status_code == 200
    reader.send(f"/units/{unit}/profile", admits="female", min_age="18", max_age="99")
    assert service.staff.get(f"/units/{unit}/profile").json()["admits"] == ["female"]
