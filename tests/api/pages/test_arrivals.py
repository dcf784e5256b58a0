"""Pages of an arrival: the shelter confirms with time, driver and number; who waits for it sees them."""

import pytest

from tests.support.api.pages import signed_in
from tests.support.api.service import somebody
from tests.support.stores import one_store

RING = 'href="tel:+31612345678"'


@pytest.fixture
def hold(service):
    """Of a pregnant woman, in the first shelter, that waits for its answer."""
    service.close_all()
    service.shelter.made("/shelters/S01/capacity/confirm")
    client = service.desk.made("/registrations", somebody(needs=["pregnancy"]))["id"]
    offered = service.desk.made(f"/registrations/{client}/proposals")
    return service.desk.made(f"/proposals/{offered['id']}/decision", {"decision": "accept"})["hold"]


def confirms(service, hold, **said):
    staff = signed_in(service, "shelter_staff", language="nl")
    staff.get("/holds")
    return staff.send(f"/holds/{hold}/answer", answer="confirm", **said)


@one_store
def test_confirmation_without_time_and_driver_marks_both(service, hold):
    wrong = confirms(service, hold, road_telephone="06 12 34 56 78")
    assert wrong.status_code == 422
    for field in ("expected_at", "driver"):
        assert f'id="{field}-{hold}" name="{field}" aria-invalid="true"' in wrong.text
    assert 'value="06 12 34 56 78"' in wrong.text
    refusal = wrong.text.split("<details")[1]
    assert not refusal.startswith(" open")
    assert "aria-invalid" not in refusal


@one_store
@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"expected_at": "2026-11-24T17:00:00+00:00"}, "2026-11-24T17:00:00Z"),
        ({"expected_other": "2026-11-25T03:20"}, "2026-11-25T02:20:00Z"),
        ({"expected_at": "2026-11-24T17:00:00+00:00", "expected_other": "2026-11-24T17:00"}, "2026-11-24T16:00:00Z"),
    ],
)
def test_chosen_or_written_time_of_amsterdam_is_kept(service, hold, said, expected):
    assert confirms(service, hold, driver="taxi", **said).status_code == 200
    assert service.desk.get(f"/holds/{hold}").json()["expected_at"] == expected


@one_store
@pytest.mark.parametrize("written", ["morgen", "2026-11-31T10:00", "25-11-2026 10:00"])
def test_time_that_is_none_is_named_at_its_field(service, hold, written):
    wrong = confirms(service, hold, driver="taxi", expected_other=written)
    assert wrong.status_code == 422
    assert f'id="expected_at-{hold}" name="expected_at" aria-invalid="true"' in wrong.text


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
