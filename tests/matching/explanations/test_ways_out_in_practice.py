"""Proposals that no professional would make: no way out contains them, as each rule declares (`waived_by`)."""

import pytest

from matching import explain, ways_out
from tests.support.matching.problem_parts import person, problem, read, registration, room, unit

RESIDENT = {"registration": "X1", "gender": "female"}
NEAR = {"lat": 52.0, "lon": 5.1, "min_km": 50}
NO_PROFESSIONAL_PROPOSES = {
    "a woman to a unit for men": ([registration()], [unit(admits=["male"])]),
    "a woman housed as other to a unit for women": (
        [registration(persons=[person("other")])],
        [unit(admits=["female"])],
    ),
    "an adult to a unit for minors": ([registration()], [unit(min_age=12, max_age=17)]),
    "who came of age to a unit for minors": ([registration(persons=[person(age=18)])], [unit(min_age=12, max_age=17)]),
    "a minor alone to a unit for adults": ([registration(persons=[person(age=17)])], [unit(min_age=18)]),
    "a child to a unit without children": ([registration(persons=[person(), person("female", 5)])], [unit()]),
    "who is hunted next to the danger": ([registration(threats=[NEAR])], [unit()]),
    "who avoids the region": ([registration(avoided_regions=["utrecht"])], [unit()]),
    "who avoids the location": ([registration(avoided_locations=["L1"])], [unit()]),
    "who avoids the provider": ([registration(avoided_providers=["P1"])], [unit()]),
    "who must be kept apart from a resident": ([registration(keep_apart=["X1"])], [unit()]),
}


@pytest.mark.parametrize("case", NO_PROFESSIONAL_PROPOSES)
def test_no_way_out_proposes_what_no_professional_would(case):
    rows, units = NO_PROFESSIONAL_PROPOSES[case]
    rooms = [room(beds=4) | {"free_beds": 3, "occupants": [RESIDENT]}, room("R2", beds=4)]
    raw = problem(rows, units, rooms)
    assert explain(read(raw), "A1").units[0].broken
    assert ways_out(read(raw), "A1", top=10).ways_out == ()


@pytest.mark.parametrize(("age", "limits", "what"), [(18, (20, 120), "min_age"), (16, (12, 15), "max_age")])
def test_small_change_of_an_age_limit_is_proposed(age, limits, what):
    least, most = limits
    rows = [registration(persons=[person(age=age)])]
    [found] = ways_out(read(problem(rows, [unit(min_age=least, max_age=most)])), "A1").ways_out
    assert [step.what for step in found.changes] == [what]
