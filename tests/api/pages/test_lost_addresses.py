"""Addresses without a page, and the answer to a browser that opens such an address from history,
bar or a restored tab.
"""

import pytest

from api.pages import guide
from tests.support.api.page_content import words_of
from tests.support.api.pages import signed_in
from tests.support.stores import one_store

pytestmark = one_store


@pytest.fixture
def desk(service):
    return signed_in(service, "desk")


@pytest.mark.wide
@pytest.mark.parametrize(
    ("form", "page"),
    [
        ("/holds/H-AAAA-AAAA-AAAA/answer", "/holds"),
        ("/search", "/"),
        ("/register/shelter/S01/close", "/register/shelter/S01"),
        ("/sign-out", "/"),
    ],
)
def test_address_of_a_form_leads_to_the_page_above(desk, form, page):
    answer = desk.get(form)
    assert (answer.url.path, answer.status_code) == (page, 200)


@pytest.mark.wide
def test_unknown_address_is_a_page_that_says_so(desk):
    answer = desk.get("/no/such/page")
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
    assert "To the first page" in words_of(answer)


def test_odd_value_in_an_address_is_a_page(desk):
    answer = desk.get("/registrations?offset=nonsense")
    assert answer.headers["content-type"].startswith("text/html")


@pytest.mark.wide
def test_fault_of_a_page_is_a_page(desk, monkeypatch):
    def fails(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr(guide, "page", fails)
    answer = desk.get("/help")
    assert (answer.status_code, "Go back and try again" in words_of(answer)) == (500, True)


@pytest.mark.wide
def test_refused_page_names_the_telephone_of_the_desk(desk):
    assert 'href="tel:' in desk.get("/country").text
    assert 'href="tel:' in desk.get("/accounts").text
    assert desk.page.status_code == 403


def test_software_still_gets_the_problem_document(service):
    for path in ("/api/v1/no-such-route", "/no/such/page"):
        answer = service.client.get(path, headers={"Accept": "application/json"})
        assert answer.headers["content-type"] == "application/problem+json"
    asked = service.client.get("/api/v1/token", headers={"Accept": "text/html"})
    assert (asked.status_code, asked.headers["content-type"]) == (405, "application/problem+json")
