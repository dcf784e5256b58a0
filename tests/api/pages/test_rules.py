"""The page of rules: those of a day, and a change that is rehearsed, asked and granted without a script."""

import re

import pytest

from tests.support.api.page_content import words_of
from tests.support.api.pages import Reader, signed_in
from tests.support.api.service import somebody
from tests.support.stores import one_store

FIRST = "/rules/first.entitlement.reflection"
FILLED = {
    "bases": ["reflection", "reflection_dublin"],
    "schemes__0": "crisis",
    "households": ["adults"],
    "ground": "a decree",
    "source": "Stcrt. 2026, 1",
    "valid_from": "2027-01-01",
    "words__nl": "Alleen nog noodopvang.",
    "words__en": "Emergency beds alone.",
}


@pytest.mark.wide
@one_store
def test_rules_page_shows_the_rules_of_a_day_in_both_languages(service):
    for language, words in (("nl", "Bedenktijd (B8/3)"), ("en", "Reflection period (B8/3)")):
        for role in ("desk", "coordinator", "auditor", "admin"):
            assert words in words_of(signed_in(service, role, language=language).get("/rules"))
    desk = signed_in(service, "desk")
    assert "Reflection period (B8/3)" not in words_of(desk.get("/rules?as_of=2020-01-01"))
    assert desk.get("/rules?as_of=yesterday").status_code == 200
    assert signed_in(service, "coordinator").get("/rules/new").status_code == 403


@pytest.mark.wide
@one_store
def test_change_is_rehearsed_asked_and_granted_on_pages(service):
    service.close_all()
    case = service.coordinator.made("/registrations", somebody())["id"]
    desk, other = signed_in(service, "desk"), Reader(service, "desk")
    other.cookies = dict(service.session_of(service.second.account).cookies)
    desk.get(FIRST)
    rehearsed = desk.send("/rules/rehearse", **FILLED)
    assert case in words_of(rehearsed)
    assert "Emergency beds alone." in rehearsed.text
    unfit = desk.send("/rules/rehearse", **FILLED | {"valid_from": "2020-01-01"})
    assert unfit.status_code == 400
    assert 'id="valid_from-fault"' in unfit.text
    desk.get(FIRST)
    desk.send("/rules/rehearse", **FILLED)
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', desk.page.text))
    typed = {name.replace("__", "."): one for name, one in FILLED.items()} | {"reason": "the decree of autumn"}
    desk._ask("POST", "/rules/ask", fields | typed)  # by the second button of the same form
    assert "Waiting for a second person" in words_of(desk.page)
    change = re.search(r'action="(/rules/changes/[^"]+)/rehearse"', desk.page.text)[1]
    grant = f"/second-person/{change.rpartition('/')[2]}/grant"
    assert f'action="{grant}"' not in desk.page.text
    other.get("/second-person")
    assert case in words_of(other.send(f"{change}/rehearse"))
    assert "Emergency beds alone." not in words_of(other.get("/rules?as_of=2027-01-01"))
    other.get("/second-person")
    other.send(grant)
    assert "Emergency beds alone." in words_of(other.get("/rules?as_of=2027-01-01"))
    assert "the decree of autumn" in words_of(other.get(FIRST))


@pytest.mark.wide
@one_store
def test_rule_of_each_kind_is_filled_in_as_it_stands(service):
    desk = signed_in(service, "desk")
    for rule, shown in (
        ("stay_limit.dublin", 'value="30"'),
        ("safety_distance.default", 'value="50"'),
        ("reason.no_show", 'value="end" checked'),
        ("entitlement.wmo_women", 'value="womens" selected'),
    ):
        assert shown in desk.get(f"/rules/first.{rule}").text, rule
    assert desk.get("/rules/first.reason.nothing").status_code == 404
    assert desk.get("/rules/new?kind=stay_limit").status_code == 200
