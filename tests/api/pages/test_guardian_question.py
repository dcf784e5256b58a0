"""An adult and a child without a parent or guardian: the page of the case asks, and the answer opens a scheme."""

import pytest

from tests.support.api.page_content import words_of
from tests.support.api.pages import fill_in, signed_in
from tests.support.stores import one_store

pytestmark = [one_store, pytest.mark.wide]


def test_case_asks_for_the_guardian_and_an_answer_opens_a_scheme(service):
    reader = signed_in(service, "coordinator")
    child = {"persons__1__gender": "female", "persons__1__age": "3"}
    asked = reader.send("/registrations/new", **fill_in(reader), **child)
    path = asked.url.path
    assert "Is the adult the parent or guardian of the child?" in words_of(asked)
    assert f'href="{path}/edit#part-persons"' in asked.text
    assert f'action="{path}/propose"' not in asked.text
    answered = reader.send(f"{path}/guardian", person="0")
    assert answered.url.path == path
    assert "Is the adult the parent or guardian of the child?" not in words_of(answered)
    assert f'action="{path}/propose"' in answered.text
    persons = service.coordinator.get(path).json()["persons"]
    assert [(one["age"], one["guardian"]) for one in persons] == [(24, True), (3, False)]


def test_form_explains_the_region_and_the_distance_when_empty(service):
    page = words_of(signed_in(service, "coordinator").get("/registrations/new"))
    assert "If you leave it empty: 50 km." in page
    assert "the client's present region; if that is not known, the caller's." in page
