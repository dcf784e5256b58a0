"""Buttons that give the list of a page as a file: filtered as on the screen, opened with the session of the page."""

import re

import pytest

from tests.support.api.pages import signed_in
from tests.support.api.resources import asked_hold
from tests.support.api.service import somebody
from tests.support.stores import one_store

pytestmark = one_store

PAGES = {
    "/registrations": "/api/v1/registrations?status=open&",
    "/registrations?status=open&urgency=2&waited=3": "/api/v1/registrations?status=open&urgency=2&waited_days=3&",
    "/": "/api/v1/tasks?",
    "/holds?status=waiting_for_shelter": "/api/v1/holds/counts?status=waiting_for_shelter&",
    "/stays": "/api/v1/stays/counts?",
    "/country": "/api/v1/capacity?",
    "/shelters": "/api/v1/shelters?",
}


@pytest.mark.wide
@pytest.mark.parametrize(("page", "path"), PAGES.items())
def test_buttons_give_the_list_in_each_form(service, page, path):
    asked_hold(service)
    service.desk.made("/registrations", somebody())
    desk = signed_in(service, "desk", language="nl")
    links = re.findall(r'<a class="button small second" href="(/api/[^"]+)" download>', desk.get(page).text)
    assert [one.replace("&amp;", "&") for one in links] == [f"{path}format={form}" for form in ("csv", "xlsx", "ods")]
    for link in links:
        answer = desk.get(link.replace("&amp;", "&"))
        assert (answer.status_code, answer.headers["Content-Disposition"][:20]) == (200, "attachment; filename")
