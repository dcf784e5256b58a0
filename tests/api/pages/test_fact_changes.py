"""The form of a client who has a place, and the page of what changed."""

import pytest

from tests.support.api.housed_client import lives_somewhere, near_the_place
from tests.support.api.pages import filled, signed_in
from tests.support.api.service import somebody
from tests.support.stores import one_store

pytestmark = one_store


@pytest.fixture
def placed(service):
    return lives_somewhere(service)


@pytest.fixture
def coordinator(service):
    return signed_in(service, "coordinator")


def saved(reader, path, **changed):
    """Sends the form as it is, with these fields changed."""
    form = filled(reader.get(f"{path}/edit").text, "filling") | changed
    return reader.send(f"{path}/edit", button=form.items())


@pytest.mark.wide
def test_form_of_a_placed_client_keeps_what_was_typed(placed, coordinator):
    refused = saved(coordinator, placed, high_care="yes")
    assert refused.status_code == 400
    assert filled(refused.text, "filling")["high_care"] == "yes"
    assert "choose" in refused.text


@pytest.mark.wide
def test_form_asks_to_confirm_a_broken_rule_then_saves_it(service, placed, coordinator):
    danger = near_the_place(service, placed)
    fields = {f"threats.0.{name}": str(value) for name, value in danger.items()} | {"reason": "new_danger"}
    asked = saved(coordinator, placed, **fields)
    assert "safe distance" in asked.text
    assert 'name="confirm"' in asked.text
    page = saved(coordinator, placed, **fields, confirm="yes").text
    assert "The place of the client breaks a rule" in page
    assert "the place breaks a rule since" in coordinator.get("/").text


@pytest.mark.wide
def test_page_of_changes_says_before_and_after_in_words(placed, coordinator):
    saved(coordinator, placed, high_care="yes", reason="care", text="Meer begeleiding", confirm="yes")
    page = coordinator.get(f"{placed}/changes").text
    for words in ("What changed", "other care is needed", "Meer begeleiding", "before", "after"):
        assert words in page
    assert "Erase for good" not in page


@pytest.mark.wide
def test_desk_erases_a_change_on_its_page(service, placed, coordinator):
    saved(coordinator, placed, high_care="yes", reason="care", text="Per ongeluk", confirm="yes")
    service.opened(placed.removeprefix("/registrations/"))
    desk = signed_in(service, "desk", language="nl")
    page = desk.get(f"{placed}/changes").text
    assert "Per ongeluk" in page
    assert "/erase" not in page
    service.verified(service.desk.account)
    desk.get(f"{placed}/changes")
    [change] = service.coordinator.get(f"{placed}/changes").json()["changes"]
    after = desk.send(f"{placed}/changes/{change['id']}/erase").text
    assert "niet meer te lezen" in after
    assert "Per ongeluk" not in after


@pytest.mark.wide
def test_page_without_a_change_says_so(placed, coordinator):
    assert "Nothing has changed" in coordinator.get(f"{placed}/changes").text


@pytest.mark.wide
def test_saved_facts_of_a_waiting_case_are_said_on_its_page(service):
    """The form itself changes them again: nothing beside it takes them back."""
    case = service.desk.made("/registrations", somebody(region="den-haag", urgency=3))["id"]
    page = saved(signed_in(service, "desk", language="en"), f"/registrations/{case}", urgency="4")
    assert page.url.path == f"/registrations/{case}"
    assert 'role="status" tabindex="-1" autofocus>Saved.</div>' in page.text
    assert "/undo" not in page.text
