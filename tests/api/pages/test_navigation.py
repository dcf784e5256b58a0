"""The menu: the daily pages of a role, and the others in groups."""

import pytest

from api.pages.navigation import DAILY, NAVIGATION, may_go, menu_of
from placement.core.codes import Role
from placement.core.context import Actor, Factor

PEOPLE = [role for role in Role if role is not Role.SYSTEM]
MOST_DAILY = 6


def somebody_as(role):
    return Actor(id="A-1", role=role, factor=Factor.CODE)


@pytest.mark.parametrize("role", PEOPLE)
def test_menu_has_every_page_of_a_role_exactly_once(role):
    actor = somebody_as(role)
    menu = menu_of(actor)
    shown = [to for to, _ in [*menu.daily, *(entry for _, found in menu.rest for entry in found)]]
    seen = [to for _, entries in NAVIGATION for to, _, permission in entries if may_go(actor, permission)]
    assert sorted(shown) == sorted(seen)


@pytest.mark.parametrize("role", PEOPLE)
def test_few_pages_come_first_and_no_group_is_empty(role):
    menu = menu_of(somebody_as(role))
    assert 0 < len(menu.daily) <= MOST_DAILY
    assert all(found for _, found in menu.rest)
    assert bool(menu.rest) == (role in DAILY)


@pytest.mark.parametrize("role", DAILY)
def test_each_daily_page_is_open_to_its_role_in_this_order(role):
    assert tuple(to for to, _ in menu_of(somebody_as(role)).daily) == DAILY[role]


def test_menu_without_an_actor_is_empty():
    assert menu_of(None) == ([], [])
