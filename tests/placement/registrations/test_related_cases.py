"""Contradicting links of a pair from two users: the second user sees the first link, on either of the two cases."""

import pytest

from placement.core.errors import Conflict, Invalid, PlacementError
from placement.core.link_codes import LinkKind
from placement.registrations import links, registrations
from placement.registrations.related_cases import all_named_by
from tests.support.simultaneous_acts import at_once, worked
from tests.support.town import COORDINATOR, DESK


def say(town, case, *, actor=COORDINATOR, **parts):
    return town.do(registrations.change, case, town.registration(case).version, {}, actor=actor, **parts)


def link(town, one, other, kind=LinkKind.SAME_CLIENT, actor=COORDINATOR):
    return town.do(links.link, one, other, kind, actor=actor)


def two(town):
    return town.register(actor=COORDINATOR), town.register(actor=COORDINATOR)


def named(town, case):
    with town.act() as act:
        found = all_named_by(act, case)
    return found.keep_apart, found.stay_with


def refused(code, verb, **facts):
    with pytest.raises(Conflict, match=code) as error:
        verb()
    assert error.value.facts == facts


def test_client_kept_apart_is_not_placed_together(town):
    one, other = two(town)
    say(town, one, keep_apart=[other])
    refused("pair_kept_apart", lambda: say(town, other, stay_with=[one], actor=DESK), other=one)
    assert named(town, other) == ([], [])
    say(town, one, keep_apart=[])
    say(town, other, stay_with=[one], actor=DESK)
    refused("pair_placed_together", lambda: say(town, one, keep_apart=[other]), other=other)
    assert (named(town, one), named(town, other)) == (([], []), ([], [one]))


def test_own_wish_to_be_together_is_not_contradicted(town):
    one, other = two(town)
    say(town, one, stay_with=[other])
    with pytest.raises(Invalid) as error:
        say(town, one, keep_apart=[other])
    assert [(fault.field, fault.code) for fault in error.value.faults] == [("keep_apart.0", "together_and_apart")]
    say(town, one, keep_apart=[other], stay_with=[])
    assert named(town, one) == ([other], [])


def test_what_was_contradicted_before_can_still_be_changed(town):
    one, other = two(town)
    say(town, one, keep_apart=[other])
    with pytest.MonkeyPatch.context() as before:
        before.setattr("placement.registrations.case_rows.require_not_contradicted", lambda *_, **__: None)
        say(town, other, stay_with=[one])
    say(town, other, stay_with=[one], keep_apart=[])
    say(town, one, keep_apart=[other])
    assert (named(town, one), named(town, other)) == (([other], []), ([], [one]))


@pytest.mark.parametrize("first", [True, False])
def test_client_kept_apart_is_not_said_to_be_the_same(town, first):
    one, other = two(town)
    namer, is_named = (one, other) if first else (other, one)
    say(town, namer, keep_apart=[is_named])
    for verb in (link, lambda town, *pair: town.do(links.merge, *pair)):
        refused("pair_kept_apart", lambda verb=verb: verb(town, other, one), other=one)
    link(town, other, one, LinkKind.RELATED)


def test_one_client_is_not_kept_apart(town):
    one, other = two(town)
    link(town, one, other)
    refused("pair_is_one_client", lambda: say(town, other, keep_apart=[one], actor=DESK), other=one)
    link(town, one, other, LinkKind.DIFFERENT)
    say(town, other, keep_apart=[one], actor=DESK)


ACTS = {
    "apart": lambda town, one, other: say(town, one, keep_apart=[other]),
    "together": lambda town, one, other: say(town, other, stay_with=[one], actor=DESK),
    "one": lambda town, one, other: link(town, other, one, actor=DESK),
    "different": lambda town, one, other: link(town, one, other, LinkKind.DIFFERENT),
    "merged": lambda town, one, other: town.do(links.merge, other, one),
}


@pytest.mark.parametrize("stores", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    "acts",
    [("apart", "together"), ("apart", "one"), ("apart", "merged"), ("different", "one"), ("different", "merged")],
)
def test_two_contradicting_acts_at_once_are_one(town, acts):
    one, other = two(town)
    outcomes = at_once(*(lambda act=act: ACTS[act](town, one, other) for act in acts))
    assert len(worked(outcomes)) == 1
    codes = {"pair_kept_apart", "pair_placed_together", "pair_is_one_client", "linked_otherwise", "already_merged"}
    assert {error.code for error in outcomes if isinstance(error, PlacementError)} <= codes
