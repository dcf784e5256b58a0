"""Registrations of the same client: found by the service, confirmed by users; no registration is refused for it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from placement.core.codes import AgeGroup, Registrant, RegistrationStatus, ResidenceBasis
from placement.core.errors import Conflict, Invalid, NotAllowed
from placement.core.link_codes import Agrees, LinkKind
from placement.registrations import duplicates, links, registrations
from placement.registrations.case import PersonInput
from placement.retention import erasure
from placement.tables import Registration, RegistrationLink
from placement.tables.registration_link import key_of_link
from placement.tasks.task import TaskKind
from tests.support.audit_log import logged
from tests.support.task_board import board
from tests.support.town import COORDINATOR, DESK, ELSEWHERE, F, M, key_store_of

ALIAS = {"alias": "Zwaluw"}
UNIT = {"registrant_unit": "amsterdam"}


def register(town, persons=((F, 30),), *, actor=COORDINATOR, **facts):
    return town.register(persons, actor=actor, **facts)


ALWAYS = {Agrees.PERSONS, Agrees.LANGUAGES, Agrees.REGISTRANT, Agrees.BASIS, Agrees.REGION, Agrees.DAY}
"""Facts of every registration, equal in all of these tests unless a test states otherwise."""


def alike(town, client, actor=COORDINATOR):
    """Returns the similar registrations, each with the facts in which they agree, and whether the desk is asked."""
    found = town.do(duplicates.alike_of, client, actor=actor)
    return {one.registration.id: set(one.agrees) for one in found.alike}, found.ask_desk


def said(town, client, actor=COORDINATOR):
    found = town.do(links.links, client, actor=actor)
    return [(one.other and one.other.id, one.kind, one.into) for one in found]


def tasks(town, actor=DESK):
    return [(one.kind, one.registration) for one in town.do(board, actor=actor).tasks if one.kind is TaskKind.ALIKE]


def test_alias_age_and_gender_three_times_are_found_each_time(town):
    first = register(town, **ALIAS)
    second = register(town, ((F, 31),), alias=" zwaluw ")
    third = register(town, ((F, 29),), alias="ZWALUW", languages=[{"code": "ar", "level": "native"}])
    assert alike(town, second)[0] == {first: ALWAYS | {Agrees.ALIAS}}
    assert alike(town, first)[0].keys() == {second, third}
    assert alike(town, third)[0] == {first: (ALWAYS | {Agrees.ALIAS}) - {Agrees.LANGUAGES}}


def test_without_an_alias_what_is_always_known_is_enough(town):
    first = register(town)
    assert alike(town, register(town))[0] == {first: ALWAYS}
    assert alike(town, register(town, **UNIT))[0].keys() >= {first}


def test_family_registered_three_more_times_is_shown_each_time(town):
    family = ((F, 31), (F, 9)), {"languages": [{"code": "ti", "level": "native"}]}
    ids = [register(town, family[0], **family[1])]
    for _ in range(3):
        again = register(town, family[0], **family[1])
        assert alike(town, again)[0].keys() == {*ids}
        ids.append(again)


@pytest.mark.parametrize(
    ("persons", "facts"),
    [
        (((F, 24),), {}),
        (((M, 30),), {}),
        (((F, 30), (F, 9)), {"languages": [{"code": "ti", "level": "native"}], "registrant": Registrant.KMAR}),
        (((F, 31),), {"languages": [{"code": "vi", "level": "native"}], "residence_basis": ResidenceBasis.EU}),
    ],
)
def test_other_client_of_the_same_day_is_not_shown(town, persons, facts):
    register(town)
    assert alike(town, register(town, persons, **facts))[0] == {}


@pytest.mark.parametrize(
    "persons",
    [((M, 30),), ((F, 32),), ((F, 30), (F, 8), (M, 3)), (PersonInput(F, presumed=AgeGroup.MINOR),)],
    ids=["another gender", "two years older", "two children more", "taken for a minor"],
)
def test_other_persons_of_the_same_alias_agree_as_far_as_they_do(town, persons):
    first = register(town, **ALIAS, languages=[{"code": "ar", "level": "native"}])
    found, _ = alike(town, register(town, persons, **ALIAS))
    is_larger = len(persons) > 1  # a client alone in a registration is found in the household of the other
    assert (Agrees.PERSONS in found[first]) is is_larger


def test_age_not_known_agrees_with_the_group(town):
    first = register(town, **ALIAS)
    assert first in alike(town, register(town, (PersonInput(F, presumed=AgeGroup.ADULT),), **ALIAS))[0]


def test_closed_case_is_compared_for_a_year(town):
    closed = register(town, **ALIAS)
    town.do(registrations.close, closed, "entered_in_error", actor=COORDINATOR)
    client = register(town, **ALIAS)
    town.later(days=365)
    assert alike(town, client)[0].keys() == {closed}
    town.later(days=1)
    assert alike(town, client)[0] == {}


def test_case_of_another_area_asks_the_desk_and_names_nothing(town):
    here = register(town, **ALIAS)
    there = register(town, actor=ELSEWHERE, region="limburg", **ALIAS)
    assert alike(town, there, ELSEWHERE) == ({}, True)
    [event] = logged(town, event="registration:alike_sought")
    assert event.facts == {"shown": [], "found": 0, "ask_desk": True}
    assert said(town, there, ELSEWHERE) == [(None, LinkKind.ASKED, True)]
    assert said(town, here) == [], "of the other client the coordinator learns nothing"
    assert tasks(town) == [(TaskKind.ALIKE, there)]
    assert tasks(town, ELSEWHERE) == tasks(town, COORDINATOR) == []


def test_reference_of_another_area_tells_of_no_client(town):
    theirs = register(town, actor=ELSEWHERE, region="limburg", **ALIAS)
    with town.act() as act:
        known = duplicates.described(act.session.get_one(Registration, theirs), act.day)

    def asks_the_desk(without):
        return town.do(duplicates.find, known, without, actor=COORDINATOR).ask_desk

    assert [asks_the_desk(one) for one in (theirs, "R-2222-2222-2222", None)] == [True, True, True]
    own = register(town, **ALIAS)
    assert own not in {one.registration.id for one in town.do(duplicates.find, known, own, actor=COORDINATOR).alike}


def test_description_without_the_alias_reaches_no_other_area(town):
    theirs = register(town)
    with town.act() as act:
        known = duplicates.described(act.session.get_one(Registration, theirs), act.day)
    found = town.do(duplicates.find, known, actor=ELSEWHERE)
    assert (found.alike, found.ask_desk) == ([], False)


FAMILY = ((F, 31), (F, 9), (M, 2))


def test_client_of_another_area_is_a_task_without_an_alias(town):
    here = register(town, FAMILY)
    there = register(town, FAMILY, actor=ELSEWHERE, region="limburg")
    assert alike(town, there, ELSEWHERE) == ({}, True)
    assert tasks(town) == [(TaskKind.ALIKE, there)]
    assert alike(town, here) == ({}, False), "of the other client the coordinator learns nothing"
    town.do(links.link, here, there, LinkKind.DIFFERENT)
    assert tasks(town) == []
    assert alike(town, there, ELSEWHERE) == ({}, False)


def test_desk_is_shown_a_client_of_another_area(town):
    here = register(town, FAMILY)
    again = register(town, FAMILY, actor=DESK, region="limburg")
    assert alike(town, again, DESK)[0] == {here: ALWAYS - {Agrees.REGION}}


def test_closed_case_of_another_area_is_found_by_its_alias_alone(town):
    closed = register(town, FAMILY)
    town.do(registrations.close, closed, "entered_in_error", actor=COORDINATOR)
    assert alike(town, register(town, FAMILY, actor=ELSEWHERE, region="limburg"), ELSEWHERE) == ({}, False)
    assert alike(town, register(town, FAMILY))[0].keys() == {closed}


def test_draft_asks_the_desk_when_it_is_opened(town):
    register(town, **ALIAS)
    there = town.register(actor=ELSEWHERE, region="limburg", draft=True, **ALIAS)
    assert tasks(town) == []
    town.do(registrations.change, there, 1, {}, open_it=True, actor=ELSEWHERE)
    assert tasks(town) == [(TaskKind.ALIKE, there)]


def test_desk_says_they_differ_and_the_task_goes_away(town):
    here = register(town, **ALIAS)
    there = register(town, actor=ELSEWHERE, region="limburg", **ALIAS)
    town.do(links.link, here, there, LinkKind.DIFFERENT)
    assert tasks(town) == []
    assert alike(town, there, ELSEWHERE) == ({}, False)
    [event] = logged(town, event="registration:linked")
    assert (event.registration_id, event.facts) == (here, {"other": there, "kind": "different"})


def test_desk_without_a_reason_sees_only_that_a_case_is_there(town, monkeypatch):
    monkeypatch.setattr("placement.access.case_access._with_coordinator", lambda _, areas: areas)
    here = register(town, **ALIAS)
    mine = register(town, actor=DESK, **ALIAS)
    [found] = town.do(duplicates.alike_of, mine, actor=DESK).alike
    assert (found.registration.id, found.opened) == (here, False)
    opened = replace(DESK, opened=frozenset({here}))
    assert town.do(duplicates.alike_of, mine, actor=opened).alike[0].opened


def test_link_is_seen_from_both_and_replaced(town):
    one, other = register(town, **ALIAS), register(town, **ALIAS)
    version = town.registration(other).version
    town.do(links.link, one, other, LinkKind.SAME_CLIENT, actor=COORDINATOR)
    assert said(town, one) == [(other, LinkKind.SAME_CLIENT, True)]
    assert said(town, other) == [(one, LinkKind.SAME_CLIENT, False)]
    assert alike(town, one) == ({}, False)
    town.do(links.link, other, one, LinkKind.RELATED, actor=COORDINATOR)
    assert said(town, one) == [(other, LinkKind.RELATED, False)]
    assert town.registration(other).version == version


def linked_otherwise(verb):
    with pytest.raises(Conflict, match="linked_otherwise") as refused:
        verb()
    return refused.value.facts["kind"]


def test_what_another_user_said_meanwhile_is_not_replaced(town):
    one, other = register(town, **ALIAS), register(town, **ALIAS)
    town.do(links.link, one, other, LinkKind.RELATED, actor=COORDINATOR)
    unseen = lambda: town.do(links.link, other, one, LinkKind.DIFFERENT)  # noqa: E731
    assert linked_otherwise(unseen) is LinkKind.RELATED
    assert linked_otherwise(lambda: town.do(links.merge, other, one)) is LinkKind.RELATED
    assert said(town, one) == [(other, LinkKind.RELATED, True)]
    town.do(links.link, other, one, LinkKind.DIFFERENT, replaces=LinkKind.RELATED)
    back = {"replaces": LinkKind.RELATED, "actor": COORDINATOR}
    assert linked_otherwise(lambda: town.do(links.link, one, other, LinkKind.SAME_CLIENT, **back)) is LinkKind.DIFFERENT
    assert said(town, one) == [(other, LinkKind.DIFFERENT, False)]


def test_merger_of_what_was_said_to_be_one_client_goes_on(town):
    one, other = register(town, **ALIAS), register(town, **ALIAS)
    town.do(links.link, one, other, LinkKind.SAME_CLIENT, actor=COORDINATOR)
    assert town.do(links.merge, other, one).status is RegistrationStatus.CLOSED


@pytest.mark.parametrize("other", ["itself", "elsewhere", "R-2222-2222-2222"])
def test_link_to_what_is_not_seen_is_refused(town, other):
    client = register(town)
    named = {"itself": client, "elsewhere": register(town, actor=ELSEWHERE, region="limburg")}.get(other, other)
    with pytest.raises(Invalid) as error:
        town.do(links.link, client, named, LinkKind.RELATED, actor=COORDINATOR)
    assert [(fault.field, fault.code) for fault in error.value.faults] == [("other", "registration_unknown")]


@pytest.mark.parametrize("kind", [LinkKind.ASKED, LinkKind.MERGED])
def test_link_that_only_the_service_makes_is_refused(town, kind):
    with pytest.raises(Invalid):
        town.do(links.link, register(town), register(town), kind, actor=COORDINATOR)


@pytest.mark.wide
def test_waiting_case_is_merged_into_a_placed_one(town):
    placed = register(town, **ALIAS)
    town.house(placed)
    again = register(town, **ALIAS)
    merged = town.do(links.merge, again, placed, actor=COORDINATOR)
    assert (merged.status, merged.closed_reason) == (RegistrationStatus.CLOSED, "duplicate_registration")
    assert said(town, again) == [(placed, LinkKind.MERGED, True)]
    assert said(town, placed) == [(again, LinkKind.MERGED, False)]
    assert town.registration(placed).status is RegistrationStatus.PLACED
    with pytest.raises(Conflict, match="already_merged"):
        town.do(links.link, placed, again, LinkKind.DIFFERENT, actor=COORDINATOR)


@pytest.mark.wide
def test_two_placed_cases_are_not_merged(town):
    one, other = register(town), register(town)
    town.house(one)
    town.house(other)
    with pytest.raises(Conflict, match="registration_not_changeable"):
        town.do(links.merge, one, other, actor=COORDINATOR)


def test_of_two_that_wait_the_earlier_goes_on(town):
    earlier = register(town, **ALIAS)
    town.later(hours=1)
    later = register(town, **ALIAS)
    with pytest.raises(Conflict, match="merge_into_earlier"):
        town.do(links.merge, earlier, later, actor=COORDINATOR)
    town.do(links.merge, later, earlier, actor=COORDINATOR)
    with pytest.raises(Conflict, match="merge_into_inactive"):
        town.do(links.merge, earlier, later, actor=COORDINATOR)


def test_merger_into_another_area_does_not_name_the_other(town):
    first = register(town, **ALIAS)
    town.later(hours=1)
    there = register(town, actor=ELSEWHERE, region="limburg", **ALIAS)
    town.do(links.merge, there, first)
    assert said(town, there, ELSEWHERE) == [(None, LinkKind.MERGED, True)]
    assert said(town, first) == []


def test_case_that_needs_a_reason_is_not_linked_without_one(town, monkeypatch):
    one, other = register(town), register(town)
    monkeypatch.setattr("placement.access.case_access._with_coordinator", lambda _, areas: areas)
    for act in (lambda: town.do(links.link, one, other, LinkKind.RELATED), lambda: town.do(links.links, one)):
        with pytest.raises(NotAllowed, match="reason_needed"):
            act()


@pytest.mark.parametrize("erase", [erasure.erase_content, erasure.erase_drafts])
def test_erasure_of_either_forgets_what_was_said_of_the_two(town, erase):
    one, other = register(town), town.register(draft=True, actor=COORDINATOR)
    town.do(links.link, one, other, LinkKind.RELATED, actor=COORDINATOR)
    town.do(erase, [other])
    assert town.all(select(RegistrationLink)) == []
    assert said(town, one) == []


def test_forgotten_link_is_readable_in_no_copy(town):
    one, other, third = (register(town) for _ in range(3))
    town.do(links.link, one, other, LinkKind.RELATED, actor=COORDINATOR)
    town.do(links.link, one, third, LinkKind.RELATED, actor=COORDINATOR)
    copy = {row.id: row.content for row in town.all(select(RegistrationLink))}
    assert len({key_of_link(link) for link in copy} & set(key_store_of(town).names())) == 2
    town.do(erasure.erase_content, [other])
    gone = {link: key_store_of(town).is_destroyed(key_of_link(link)) for link in copy}
    assert gone == {link: content.names(other) for link, content in copy.items()}
    assert [told[:2] for told in said(town, one)] == [(third, LinkKind.RELATED)]


def test_comparison_of_a_long_list_shows_the_most_alike(town):
    for _ in range(duplicates.MOST_SHOWN + 2):
        register(town, **ALIAS)
        town.later(hours=1)
    newest = register(town, **UNIT, **ALIAS)
    twin = register(town, **UNIT, **ALIAS)
    found = town.do(duplicates.alike_of, newest, actor=COORDINATOR).alike
    assert (found[0].registration.id, len(found)) == (twin, duplicates.MOST_SHOWN)
    assert timedelta(days=365) == duplicates.CLOSED_WITHIN
