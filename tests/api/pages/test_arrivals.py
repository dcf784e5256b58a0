"""Pages of an arrival: the shelter confirms with time, driver and number; who waits for it sees them."""

import re

import pytest

from tests.support.api.page_content import words_of
from tests.support.api.pages import signed_in
from tests.support.api.resources import asked_hold
from tests.support.stores import both_stores, one_store

RING = 'href="tel:+31612345678"'


@pytest.fixture
def hold(service):
    return asked_hold(service)


def confirms(service, hold, **said):
    staff = signed_in(service, "shelter_staff", language="nl")
    staff.get("/holds")
    return staff.send(f"/holds/{hold}/answer", answer="confirm", **said)


def marked(page, hold):
    """Returns the names of the two fields of the time of arrival that are marked as wrong."""
    fields = ("expected_at", "expected_other")
    tags = {name: re.search(f'<[^<]*id="{name}-{hold}"[^>]*>', page.text)[0] for name in fields}
    return [name for name in fields if 'aria-invalid="true"' in tags[name]]


@pytest.mark.wide
@one_store
def test_confirmation_without_time_and_driver_marks_both(service, hold):
    wrong = confirms(service, hold, road_telephone="06 12 34 56 78")
    assert wrong.status_code == 400
    assert marked(wrong, hold) == ["expected_at"]
    assert "Nog niet bekend? Vul de waarschijnlijke tijd in" in words_of(wrong)
    assert f'id="driver-{hold}" name="driver" aria-invalid="true"' in wrong.text
    assert 'value="06 12 34 56 78"' in wrong.text
    refusal = next(one for one in wrong.text.split("<details") if 'value="refuse"' in one)
    assert not refusal.startswith(" open")
    assert "aria-invalid" not in refusal


@pytest.mark.wide
@one_store
def test_improbable_number_for_the_road_is_confirmed(service, hold):
    said = {"driver": "taxi", "expected_at": "2026-11-24T17:00:00+00:00", "road_telephone": "06 12 34 56 7"}
    asked = confirms(service, hold, **said)
    assert (asked.status_code, 'name="sure_of" value="06 12 34 56 7">' in asked.text) == (400, True)
    assert confirms(service, hold, **said, sure_of="06 12 34 56 7").status_code == 200
    assert service.desk.get(f"/holds/{hold}").json()["told"]["road_telephone"] == "+3161234567"


@pytest.mark.wide
@one_store
@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"expected_at": "2026-11-24T17:00:00+00:00"}, "2026-11-24T17:00:00Z"),
        ({"expected_other": "2026-11-25T03:20"}, "2026-11-25T02:20:00Z"),
    ],
)
def test_chosen_or_written_time_of_amsterdam_is_kept(service, hold, said, expected):
    assert confirms(service, hold, driver="taxi", **said).status_code == 200
    assert service.desk.get(f"/holds/{hold}").json()["expected_at"] == expected


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("written", ["morgen", "2026-11-31T10:00", "25-11-2026 10:00", "2026-11-23T10:00"])
def test_wrong_written_time_is_marked_at_its_own_field(service, hold, written):
    wrong = confirms(service, hold, driver="taxi", expected_other=written)
    assert wrong.status_code == 400
    assert marked(wrong, hold) == ["expected_other"]
    assert f'href="#expected_other-{hold}"' in wrong.text


@pytest.mark.wide
@one_store
def test_two_times_of_arrival_are_refused_at_both_fields(service, hold):
    said = {"expected_at": "2026-11-24T17:00:00+00:00", "expected_other": "2026-11-23T10:00"}
    wrong = confirms(service, hold, driver="taxi", **said)
    assert wrong.status_code == 400
    assert marked(wrong, hold) == ["expected_at", "expected_other"]
    assert "Niet allebei" in wrong.text


@pytest.mark.wide
def test_pages_of_an_arrival_show_time_driver_and_number(service, hold):
    said = {"expected_at": "2026-11-24T17:00:00+00:00", "driver": "registrant", "road_telephone": "0612345678"}
    shelters = confirms(service, hold, **said).text
    client = service.desk.get(f"/holds/{hold}").json()["registration"]
    desk = signed_in(service, "desk", language="nl")
    for page in (shelters, *(desk.get(path).text for path in ("/", "/holds", f"/registrations/{client}"))):
        assert RING in page
        assert "de aanmelder" in page.lower()
        assert "18:00" in page
    service.shelter.made(f"/holds/{hold}/arrival")
    for path in ("/", "/holds", f"/registrations/{client}"):
        assert RING not in desk.get(path).text


def late(service, hold):
    """Lets the client be an hour late, and returns the desk's pages in Dutch."""
    said = {"expected_at": "2026-11-24T17:00:00+00:00", "driver": "taxi", "road_telephone": "0612345678"}
    confirms(service, hold, **said)
    service.moment.pass_by(hours=8)
    return signed_in(service, "desk", language="nl")


@pytest.mark.wide
def test_first_page_shows_a_late_client_with_its_numbers(service, hold):
    desk = late(service, hold)
    strip = next(one for one in desk.get("/").text.split("<li") if f"/holds/{hold}/arrival" in one)
    for shown in (RING, "een taxi", "18:00", f'href="/holds/{hold}/arrival"', f'action="/holds/{hold}/arrive"'):
        assert shown in strip


@pytest.mark.wide
@one_store
def test_question_comes_before_a_no_show_with_the_numbers(service, hold):
    desk = late(service, hold)
    asked = desk.get(f"/holds/{hold}/arrival").text
    assert asked.index(RING) < asked.index("Hebt u gebeld") < asked.index(f'action="/holds/{hold}/no-show"')
    wrong = desk.send(f"/holds/{hold}/no-show")
    assert wrong.status_code == 400
    assert 'id="rung" name="rung" aria-invalid="true"' in wrong.text
    assert service.desk.get(f"/holds/{hold}").json()["end_reason"] is None


@pytest.mark.wide
def test_no_show_on_the_page_can_be_taken_back_there(service, hold):
    desk = late(service, hold)
    desk.get(f"/holds/{hold}/arrival")
    assert desk.send(f"/holds/{hold}/no-show", rung="no_answer").status_code == 200
    assert service.desk.get(f"/holds/{hold}").json()["end_reason"] == "no_show"
    assert RING not in desk.page.text
    assert desk.page.url.path == f"/holds/{hold}/arrival"
    assert desk.send(f"/holds/{hold}/no-show/reversal").status_code == 200
    assert RING in desk.page.text
    service.moment.pass_by(minutes=1)
    assert "Niemand" not in desk.get(f"/holds/{hold}/arrival").text


@pytest.mark.wide
@one_store
def test_no_show_is_not_offered_back_after_half_an_hour(service, hold):
    desk = late(service, hold)
    desk.get(f"/holds/{hold}/arrival")
    desk.send(f"/holds/{hold}/no-show", rung="no_answer")
    service.moment.pass_by(minutes=30)
    desk = signed_in(service, "desk", language="nl")
    for path in ("/holds", f"/holds/{hold}/arrival"):
        assert f'action="/holds/{hold}/no-show/reversal"' not in desk.get(path).text
    assert "Hier wordt niemand meer verwacht." in desk.page.text


@pytest.mark.wide
@one_store
def test_later_on_the_page_needs_a_time_and_keeps_it(service, hold):
    desk = late(service, hold)
    desk.get(f"/holds/{hold}/arrival")
    assert desk.send(f"/holds/{hold}/expected").status_code == 400
    assert desk.send(f"/holds/{hold}/expected", expected_other="2026-11-24T21:15").status_code == 200
    assert service.desk.get(f"/holds/{hold}").json()["expected_at"] == "2026-11-24T20:15:00Z"


@pytest.mark.wide
@both_stores
@pytest.mark.parametrize("said", ["expected", "no-show"])
def test_second_actor_is_told_and_the_page_keeps_the_words(service, hold, said):
    """Each has the page open that shows the first time."""
    first, second = late(service, hold), signed_in(service, "shelter_staff", language="nl")
    for one in (first, second):
        one.get(f"/holds/{hold}/arrival")
    assert first.send(f"/holds/{hold}/expected", expected_other="2026-11-24T21:15").status_code == 200
    words = (
        {"expected_other": "2026-11-24T23:30"} if said == "expected" else {"rung": "not_coming", "wants_place": "yes"}
    )
    told = second.send(f"/holds/{hold}/{said}", **words)
    assert told.status_code == 409
    assert "de cliënt komt nu op 24-11 21:15" in told.text
    kept = 'value="2026-11-24T23:30"' if said == "expected" else '<option value="not_coming" selected>'
    assert kept in told.text
    assert service.desk.get(f"/holds/{hold}").json()["expected_at"] == "2026-11-24T20:15:00Z"
    assert second.send(f"/holds/{hold}/{said}", **words).status_code == 200
