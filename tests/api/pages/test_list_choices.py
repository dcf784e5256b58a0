"""A list as its reader left it: filter and order, said in words, ended by one link, gone with the session."""

import html
import re

import pytest

from api.pages import registrations
from tests.support.api.bodies import CONFIRM
from tests.support.api.page_content import words_of
from tests.support.api.pages import signed_in
from tests.support.api.resources import asked_hold
from tests.support.api.service import AT, somebody
from tests.support.audit_log import anomaly
from tests.support.stores import one_store

pytestmark = one_store
ON, OFF = "A filter is on.", "Clear the filter"


@pytest.fixture
def cases(service):
    """Three who wait, each a day longer than the one before, and the first most urgently."""
    service.close_all()
    made = []
    for urgency in (3, 2, 1):
        made.append(service.desk.made("/registrations", somebody(region="den-haag", urgency=urgency))["id"])
        service.moment.pass_by(days=1)
    return made[::-1]


@pytest.fixture
def desk(service, cases):  # noqa: ARG001  (they are there before the first page)
    return signed_in(service, "desk", language="en")


def listed(page):
    """The references in the table of this page, in their order."""
    return re.findall(r'href="/registrations/(R-[\w-]+)"', page.text)


def note(page):
    """What the page says of the filter that is on."""
    return words_of(page).partition(ON)[2].partition(OFF)[0].strip()


def clearing(page):
    return html.unescape(re.search(r'id="filtered">.*?<a href="([^"]+)"', page.text, re.DOTALL)[1])


def sorted_by(page):
    """The heads of columns that say that the list is in their order, and which way."""
    return re.findall(r'<th scope="col" aria-sort="(\w+)"[^>]*><a [^>]*>([^<]+)<', page.text)


def test_list_is_by_the_menu_as_it_was_left(desk, cases):
    desk.get("/registrations?urgency=2&order=-waits")
    desk.get("/")
    page = desk.get("/registrations")
    assert listed(page) == [cases[1]]
    assert note(page) == "Urgency: within days."
    assert re.search(r'value="-waits"\s+selected', page.text)


def test_one_link_ends_the_filter_and_leaves_the_order(desk, cases):
    page = desk.get("/registrations?urgency=2&waited=1&order=-waits")
    page = desk.get(clearing(page))
    assert (listed(page), ON in page.text) == (cases[::-1], False)
    assert listed(desk.get("/registrations")) == cases[::-1]


def test_filter_in_a_link_is_stronger_than_what_was_left(desk, cases):
    desk.get("/registrations?urgency=2")
    assert listed(desk.get("/registrations?status=open")) == cases
    assert listed(desk.get("/registrations")) == cases


def test_page_further_on_has_the_filter_as_it_was_left(desk, cases):
    desk.get("/registrations?urgency=2")
    assert listed(desk.get("/registrations?offset=0")) == [cases[1]]


@pytest.mark.parametrize("asked", ["urgency=9&order=alias&region=nowhere", "status=gone&waited=2", "order="])
def test_unknown_choice_is_ignored(desk, cases, asked):
    page = desk.get(f"/registrations?{asked}")
    assert (page.status_code, listed(page), ON in page.text) == (200, cases, False)


def test_choice_that_is_not_allowed_any_more_is_ignored(desk, cases, monkeypatch):
    assert ON in desk.get("/registrations?region=den-haag").text
    monkeypatch.setattr(registrations, "area_choices", lambda _: [("limburg", "Limburg")])
    page = desk.get("/registrations")
    assert (listed(page), ON in page.text) == (cases, False)


def test_filter_is_said_in_dutch(desk):
    desk.language = "nl"
    assert "Er staat een filter aan. Status: alle. Filter wissen" in words_of(desk.get("/registrations?status="))


def test_what_was_left_is_gone_after_signing_out(service, desk, cases):
    desk.get("/registrations?urgency=2")
    sealed = desk.cookies["__Host-placement-choices"]
    desk.send("/sign-out")
    assert not any(value.strip('"') for name, value in desk.cookies.items() if name.endswith(("-choices", "-lists")))
    other = signed_in(service, "desk", language="en")
    other.cookies["__Host-placement-choices"] = sealed
    assert listed(other.get("/registrations")) == cases


def test_what_was_left_is_in_no_store(service, desk):
    before = service.digest()
    desk.get("/registrations?urgency=2&order=waits")
    assert service.digest() == before


def test_cases_are_ordered_by_each_head_of_a_column(desk, cases):
    assert sorted_by(desk.get("/registrations")) == [("ascending", "Urgency")]
    links = re.findall(r'<th scope="col"[^>]*><a href="([^"]+)">', desk.page.text)
    page = desk.get(html.unescape(links[0]))
    assert (listed(page), sorted_by(page)) == (cases[::-1], [("descending", "Waits")])
    links = re.findall(r'<th scope="col"[^>]*><a href="([^"]+)">', page.text)
    page = desk.get(html.unescape(links[0]))
    assert (listed(page), sorted_by(page)) == (cases, [("ascending", "Waits")])
    assert listed(desk.get("/registrations?order=-urgency")) == cases[::-1]


def test_log_is_left_without_user_and_case(service, cases):
    auditor = signed_in(service, "auditor")
    auditor.get(f"/log?registration={cases[0]}&actor=A-1&event=registration:made&since=2026-01-01")
    assert "Registration: " + cases[0] in words_of(auditor.page)
    said = words_of(auditor.get("/log"))
    assert f"{ON} Event: registration:made. From: 1 Jan 2026. {OFF}" in said
    assert ON not in auditor.get(clearing(auditor.page)).text
    assert auditor.get("/log?since=yesterday").status_code == 422
    assert auditor.get("/log").status_code == 200


def test_review_begins_with_the_oldest_where_it_was_left_so(service):
    with service.database.transaction() as session:
        for number in (2, 3):
            anomaly(session, f"O-222{number}-2222-2222", AT.replace(hour=number))
    auditor = signed_in(service, "auditor")

    def found():
        return re.findall(r'id="h-O-222(\d)', auditor.get("/review").text)

    assert found() == ["3", "2"]
    auditor.get("/review?status=&order=found")
    assert found() == ["2", "3"]
    assert note(auditor.page) == "Show: all."


def test_accounts_are_ordered_by_address_and_role(service):
    admin = signed_in(service, "admin")

    def addresses(path):
        return re.findall(r'<a href="/accounts/A-[^"]+">([^<]+)@', admin.get(path).text)

    usual = addresses("/accounts")
    assert addresses("/accounts?order=-email") == usual[::-1] != usual
    assert sorted_by(admin.page) == [("descending", "E-mail address")]
    by_role = addresses("/accounts?order=role")
    assert by_role != usual
    assert sorted(by_role) == sorted(usual)
    only = addresses("/accounts?role=auditor")
    assert addresses("/accounts") == only
    assert note(admin.page) == "Role: Auditor."


def test_messages_are_narrowed_and_ordered(service):
    asked_hold(service)
    admin = signed_in(service, "admin")
    whole = re.findall(r'<tr id="([^"]+)"', admin.get("/messages").text)
    assert re.findall(r'<tr id="([^"]+)"', admin.get("/messages?order=made").text) == whole[::-1]
    assert sorted_by(admin.page)[0] == ("ascending", "Made")
    assert re.findall(r'<tr id="([^"]+)"', admin.get("/messages?channel=webhook").text) == []
    assert ON in admin.get("/messages").text


def test_filter_of_holds_says_how_many_it_leaves_out(service):
    hold = asked_hold(service)
    staff = signed_in(service, "shelter_staff")
    assert 'name="order"' not in staff.get("/holds").text
    page = words_of(staff.get("/holds?status=confirmed"))
    assert f"{ON} Status: confirmed. 1 is not shown. {OFF}" in page
    assert "Nothing fits this filter." in page
    service.staff.made(f"/holds/{hold}/answer", CONFIRM)
    assert hold in staff.get("/holds").text


def test_places_are_as_they_were_left_and_in_order(desk):
    desk.get("/places")
    desk.send("/places", gender="female", girls="9", order="name")
    names = re.findall(r"<strong><a [^>]+>([^<]+)<", desk.get("/places").text.split('id="fit"')[1].split("</table>")[0])
    assert names == sorted(names, key=str.casefold) != []
    assert sorted_by(desk.page) == [("ascending", "Place")]
    assert note(desk.page) == "Takes: woman. Girls, ages: 9."
    desk.get(clearing(desk.page))
    assert ON not in desk.get("/places").text


def test_search_of_a_case_leaves_the_one_without_it_as_it_was(desk, cases):
    desk.get("/places")
    desk.send("/places", girls="9")
    desk.get(f"/places?registration={cases[0]}")
    page = desk.get("/places")
    assert cases[0] not in page.text
    assert "Girls, ages: 9." in words_of(page)
