"""The search of every page: from the words of a caller to the case, or to the list of possible cases."""

import pytest

from placement.registrations.case_handles import handle_of
from tests.support.api.page_content import words_of
from tests.support.api.pages import PRIVATE, signed_in
from tests.support.api.service import somebody
from tests.support.stores import one_store

pytestmark = one_store


@pytest.fixture
def desk(service):
    reader = signed_in(service, "desk", language="en")
    reader.get("/country")
    return reader


def searched(reader, said):
    reader.get("/country")
    return reader.send("/registrations/search", said=said)


@pytest.mark.wide
def test_one_case_that_is_meant_is_shown_at_once(service, desk):
    case = service.desk.made("/registrations", somebody(region="den-haag", alias=PRIVATE))["id"]
    for said in (handle_of(case), case, PRIVATE.upper()):
        answer = searched(desk, said)
        assert (answer.url.path, answer.status_code) == (f"/registrations/{case}", 200)
        assert handle_of(case) in words_of(answer)
    assert PRIVATE not in service.log.getvalue()


@pytest.mark.wide
def test_several_cases_are_listed(service, desk):
    cases = [service.desk.made("/registrations", somebody(region="den-haag", alias=PRIVATE))["id"] for _ in range(2)]
    answer = searched(desk, PRIVATE)
    assert answer.url.path == "/registrations/search"
    assert all(handle_of(case) in words_of(answer) for case in cases)


@pytest.mark.wide
def test_nothing_found_says_what_can_be_said(desk):
    assert "Type its two words" in words_of(searched(desk, "no such words here"))
    assert searched(desk, "  ").url.path == "/registrations"


def test_coordinator_finds_no_case_of_another_area(service):
    elsewhere = service.desk.made("/registrations", somebody(region="limburg", alias=PRIVATE))["id"]
    reader = signed_in(service, "coordinator", language="en")
    for said in (PRIVATE, elsewhere, handle_of(elsewhere)):
        assert "Type its two words" in words_of(searched(reader, said))


@pytest.mark.wide
def test_only_placing_roles_have_the_search(service):
    for role in ("shelter_staff", "auditor", "reader"):
        assert "data-search" not in signed_in(service, role).get("/account").text
