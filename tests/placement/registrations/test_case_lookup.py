"""Handles that name a case to another case: accepted like references, within the rights of the actor."""

import pytest

from placement.audit.events import Event
from placement.core.errors import Invalid
from placement.registrations import case_handles, case_lookup, links, registrations, related_cases
from placement.registrations.case_handles import handle_of
from placement.tables import Registration
from tests.support.audit_log import logged
from tests.support.town import COORDINATOR, DESK, ELSEWHERE

FIELDS = ("keep_apart", "stay_with")


def faults(town, verb, *args, **facts):
    with pytest.raises(Invalid) as error:
        town.do(verb, *args, **facts)
    return [(fault.field, fault.code, fault.facts["found"]) for fault in error.value.faults]


def named(town, client):
    with town.act(COORDINATOR) as act:
        return related_cases.named_by(act, client)


@pytest.mark.parametrize("field", FIELDS)
def test_handle_names_the_case_as_its_reference_does(town, field):
    other = town.register(actor=COORDINATOR)
    client = town.register(actor=COORDINATOR, parts={field: [f" {handle_of(other).upper()}"]})
    assert getattr(named(town, client), field) == [other]


def test_handle_merges_and_links(town):
    first, second = (town.register(actor=COORDINATOR) for _ in range(2))
    town.do(links.link, second, handle_of(first), "related", actor=COORDINATOR)
    assert [one.other.id for one in town.do(links.links, second, actor=COORDINATOR)] == [first]
    town.do(links.merge, second, handle_of(first), actor=COORDINATOR)
    assert town.one("registration", second).status == "closed"
    [merged] = logged(town, event=Event.REGISTRATION_MERGED)
    assert (merged.actor, merged.registration_id, merged.facts) == (COORDINATOR.id, second, {"other": first})


def test_handle_of_another_region_is_as_unknown_as_any(town):
    hidden = town.register(actor=ELSEWHERE, region="limburg")
    client = town.register(actor=COORDINATOR)
    for said in (handle_of(hidden), "nergens genoemd"):
        assert faults(town, links.merge, client, said, actor=COORDINATOR) == [("other", "registration_unknown", said)]
        for field in FIELDS:
            found = faults(town, registrations.change, client, 1, {}, actor=COORDINATOR, **{field: [said]})
            assert found == [(f"{field}.0", "registration_unknown", said)]
    town.do(registrations.change, client, 1, {}, keep_apart=[handle_of(hidden)], actor=DESK)


def test_own_handle_names_no_other_case(town):
    client = town.register(actor=COORDINATOR)
    said = handle_of(client)
    assert faults(town, links.merge, client, said, actor=COORDINATOR) == [("other", "registration_unknown", said)]


def test_handle_of_two_cases_is_to_be_said_by_reference(town, monkeypatch):
    first, second, client = (town.register(actor=COORDINATOR) for _ in range(3))
    for module in (case_handles, case_lookup):
        monkeypatch.setattr(module, "handle_of", lambda _: "groene lantaarn")
    found = faults(town, registrations.change, client, 1, {}, actor=COORDINATOR, keep_apart=["groene lantaarn"])
    assert found == [("keep_apart.0", "handle_ambiguous", "groene lantaarn")]
    town.do(registrations.change, client, 1, {}, actor=COORDINATOR, keep_apart=[first, second])


def test_anonymous_case_has_no_handle_any_more(town):
    other, client = (town.register(actor=COORDINATOR) for _ in range(2))
    with town.database.transaction() as session:
        session.get_one(Registration, other).anonymised_at = town.at
    said = handle_of(other)
    assert faults(town, links.merge, client, said, actor=COORDINATOR) == [("other", "registration_unknown", said)]
