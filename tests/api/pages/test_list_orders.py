"""The order of each list, by the heads of its columns and by its field; on both stores if the
database makes the order.
"""

import re

import pytest

from api.pages.today import odd_accesses_last
from placement.core.codes import Role
from placement.tasks.listing import Owned, Owner
from placement.tasks.queue import Queue
from placement.tasks.task import Task, TaskKind
from tests.support.api.bodies import CONFIRM
from tests.support.api.lists import ON, cases_on, clearing, heads, note, sorted_by, three_who_wait
from tests.support.api.pages import signed_in
from tests.support.api.resources import asked_hold
from tests.support.api.service import AT, somebody
from tests.support.audit_log import anomaly
from tests.support.stores import one_store


@pytest.mark.wide
def test_cases_are_ordered_by_each_head_of_a_column(service):
    cases, desk = three_who_wait(service), signed_in(service, "desk", language="en")
    assert sorted_by(desk.get("/registrations")) == [("ascending", "Urgency")]
    page = desk.get(heads(desk.page)[0])
    assert (cases_on(page), sorted_by(page)) == (cases[::-1], [("descending", "Waits for a place")])
    page = desk.get(heads(page)[0])
    assert (cases_on(page), sorted_by(page)) == (cases, [("ascending", "Waits for a place")])
    assert cases_on(desk.get("/registrations?order=-urgency")) == cases[::-1]


@pytest.mark.wide
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


@pytest.mark.wide
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


@pytest.mark.wide
@one_store
def test_messages_are_narrowed_and_ordered(service):
    asked_hold(service)
    desk = signed_in(service, "desk")
    whole = re.findall(r'<tr id="([^"]+)"', desk.get("/messages").text)
    assert re.findall(r'<tr id="([^"]+)"', desk.get("/messages?order=made").text) == whole[::-1]
    assert sorted_by(desk.page)[0] == ("ascending", "Made")
    assert re.findall(r'<tr id="([^"]+)"', desk.get("/messages?channel=webhook").text) == []
    assert ON in desk.get("/messages").text


@pytest.mark.wide
@one_store
def test_places_are_as_they_were_left_and_in_order(service):
    desk = signed_in(service, "desk", language="en")

    def names(page):
        return re.findall(r"<strong><a [^>]+>([^<]+)<", page.text.split('id="fit"')[1].split("</table>")[0])

    desk.get("/places")
    desk.send("/places", gender="female", free="any", order="-name")
    found = names(desk.get("/places"))
    assert found == sorted(found, key=str.casefold, reverse=True)
    assert len(set(found)) > 1
    assert sorted_by(desk.page) == [("descending", "Place")]
    assert note(desk.page) == "Admits: woman. Free: whether or not a bed is free."
    assert names(desk.get(heads(desk.page)[0])) == sorted(found, key=str.casefold)
    desk.get(clearing(desk.page))
    assert ON not in desk.get("/places").text


@pytest.mark.wide
@one_store
def test_stays_are_ordered_by_day_and_by_limit(service):
    desk = signed_in(service, "desk", language="en")
    stays = service.desk.get("/stays?status=in_house&limit=200").json()["items"]
    for order, day in (("since", "starts_on"), ("limit", "limit_on")):
        days = {one["registration"]: one[day] for one in stays}
        found = [days[one] for one in cases_on(desk.get(f"/stays?order={order}"))]
        assert found == sorted(found)
        assert [days[one] for one in cases_on(desk.get(f"/stays?order=-{order}"))] == found[::-1]
        assert len(set(found)) > 2
    desk.get("/stays?from=0")
    assert re.search(r'value="-limit"\s+selected', desk.page.text)


@pytest.mark.wide
@one_store
def test_holds_are_ordered_by_age_and_by_what_is_due(service):
    first = asked_hold(service)
    service.moment.pass_by(minutes=10)
    case = service.desk.made("/registrations", somebody(urgency=1))["id"]
    proposal = service.desk.made(f"/registrations/{case}/proposals")["id"]
    second = service.desk.made(f"/proposals/{proposal}/decision", {"decision": "accept"})["hold"]
    desk = signed_in(service, "desk", language="en")

    def shown(order):
        return re.findall(r'<article class="card" id="([^"]+)"', desk.get(f"/holds?order={order}").text)

    assert shown("-made") == [second, first]
    assert shown("made") == [first, second]
    service.staff.made(f"/holds/{first}/answer", CONFIRM)  # expected later than the other is to be answered
    assert shown("due") == [second, first]
    assert shown("made") == [first, second]


def test_odd_accesses_stand_behind_what_is_about_clients():
    kinds = [TaskKind.DECISION, TaskKind.ODD_ACCESS, TaskKind.ODD_ACCESS, TaskKind.STAY_IS_LONG]
    others = tuple(Owned(Task(kind, None, 4), Owner(Role.AUDITOR), None) for kind in kinds)
    shown = odd_accesses_last(Queue(others, others, (), (), {}, {}, frozenset(), frozenset(), {}, {}, None))
    for part in (shown.to_do, shown.with_others):
        assert [one.task.kind for one in part] == [kinds[0], kinds[3], *kinds[1:3]]
