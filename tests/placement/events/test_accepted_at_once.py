"""Two persons of the desk who accept at one moment: nobody is placed twice, and each line is accepted or named."""

from collections import Counter

import pytest

from placement.core.errors import PlacementError
from tests.support.event_plans import accept, plan, raid
from tests.support.simultaneous_acts import at_once
from tests.support.town import DESK, OTHER_DESK, F
from tests.support.waiting_work import claims


def standing(town):
    """Returns the households with beds, and checks that no bed and no household is there twice."""
    with town.act() as act:
        found = [(one.bed_id, one.registration_id) for one in claims(act.session)]
    assert max(Counter(bed for bed, _ in found).values()) == 1
    assert max(Counter(case for _, case in found).values()) == 1  # each household is a single person
    return {case for _, case in found}


@pytest.mark.wide
@pytest.mark.parametrize("shared", [0, 2])
def test_client_of_two_plans_accepted_at_once_is_placed_once(town, shared):
    women = [town.register(persons=[(F, 20 + one)], urgency=1) for one in range(8)]
    first, second = raid(town, *women[:4]), raid(town, *women[4 - shared : 8 - shared])
    (one, first_version), (other, second_version) = plan(town, first), plan(town, second)
    answers = at_once(
        lambda: accept(town, first, first_version, actor=DESK),
        lambda: accept(town, second, second_version, actor=OTHER_DESK),
    )
    decided = []
    for answer, planned in zip(answers, (one, other), strict=True):
        done, changed = answer
        assert {case for case, *_ in done} | {case for case, _ in changed} == planned.places.keys()
        decided += [case for case, *_ in done]
    assert len(decided) == len({*decided})
    assert standing(town) == {*decided}


@pytest.mark.wide
def test_one_plan_accepted_by_two_at_one_moment_is_decided_once(town):
    women = [town.register(persons=[(F, 20 + one)], urgency=1) for one in range(4)]
    event = raid(town, *women)
    planned, version = plan(town, event)
    answers = at_once(*(lambda by=by: accept(town, event, version, actor=by) for by in (DESK, OTHER_DESK)))
    assert not any(isinstance(one, PlacementError) for one in answers)
    decided = [case for done, _ in answers for case, *_ in done]
    named = [case for _, changed in answers for case, _ in changed]
    assert sorted(decided) == sorted(named) == sorted(planned.places)
    assert standing(town) == planned.places.keys()
