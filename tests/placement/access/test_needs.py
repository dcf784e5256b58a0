"""A verb of the domain checks the permission of its actor itself, for every caller."""

import pytest

from placement.access.permissions import Permission, needs
from placement.core.codes import DecisionKind, Role
from placement.core.context import SYSTEM, Actor
from placement.core.errors import NotAllowed
from placement.placements.decisions import decisions
from placement.placements.holds import holds
from placement.placements.stays import stays
from placement.registrations import registrations
from tests.support.stores import one_store
from tests.support.town import COORDINATOR, DESK, F, shelter

READER, KEY = Actor("A-reader", Role.READER, session_id="Z"), Actor("A-desk", Role.DESK)


@needs(Permission.HOLD_ANSWER)
def verb(act, number, *, named):
    """The docstring of the act."""
    return act.actor.id, number, named


def test_verb_is_carried_out_for_its_roles_and_the_service(town):
    for actor in (shelter("S1"), SYSTEM):
        with town.act(actor) as act:
            assert verb(act, 1, named=2) == (actor.id, 1, 2)
    assert (verb.__name__, verb.__doc__) == ("verb", "The docstring of the act.")


@pytest.mark.parametrize(
    ("actor", "code"), [(DESK, "role_may_not"), (Actor("S1", Role.SHELTER_STAFF, shelter_id="S1"), "sign_in_needed")]
)
def test_verb_is_refused_to_others_and_to_a_key(town, actor, code):
    with town.act(actor) as act, pytest.raises(NotAllowed) as refused:
        verb(act, 1, named=2)
    assert refused.value.code == code


@one_store
@pytest.mark.parametrize(
    ("called", "args", "actor", "code"),
    [
        (registrations.close, ("entered_in_error",), READER, "role_may_not"),
        (registrations.lift_avoidance, ("V-0",), KEY, "sign_in_needed"),
        (decisions.decide, (DecisionKind.ACCEPT,), KEY, "sign_in_needed"),
        (decisions.decide, (DecisionKind.ACCEPT,), shelter("S1"), "role_may_not"),
        (holds.confirm, (None,), COORDINATOR, "role_may_not"),
        (holds.release, ("client_preference",), shelter("S1"), "role_may_not"),
        (stays.end, ("moved_on",), READER, "role_may_not"),
    ],
)
def test_verbs_of_a_case_refuse_before_they_look_anything_up(town, called, args, actor, code):
    with pytest.raises(NotAllowed) as refused:
        town.do(called, "X-unknown", *args, actor=actor)
    assert refused.value.code == code


def test_register_is_refused_to_a_role_without_the_permission(town):
    with pytest.raises(NotAllowed):
        town.register(((F, 24),), actor=READER)
