"""Ways out of a registration that is in a group, or beside a group."""

from matching import ways_out
from tests.support.matching.problem_parts import person, problem, read, registration, room, unit


def ways(registrations, units=None, rooms=None, **more):
    """For A1, by rank: the unit, and of each change what it is, who must agree, and the facts."""
    found = ways_out(read(problem(registrations, units, rooms, **more)), "A1", top=10)
    return [(row.unit, [(step.what, step.agree, step.facts) for step in row.changes]) for row in found.ways_out]


WOMAN, MAN, SON = person(), person("male"), person("male", 14)


def grouped(registrations, units, rooms=None, *, where="unit", must=True, **more):
    """A1 and A2 are of one group."""
    group = {"id": "G1", "registrations": ["A1", "A2"], "where": where, "must": must}
    raw = problem(registrations, units, rooms, **more)
    return read(raw | {"together": [group]})


def test_unit_without_place_for_the_group_takes_the_client_alone():
    rows = [registration("A1"), registration("A2", schemes=["omm"])]
    answer = ways_out(grouped(rows, [unit("U1"), unit("U2", scheme="omm")]), "A1")
    [first, _] = answer.ways_out
    assert (answer.best, first.unit, first.objective, first.loss) == (60000, "U1", 120000, 0)
    [step] = first.changes
    assert (step.rule, step.what, step.agree) == ("together", "waived", ("client", "desk"))
    assert step.facts == {"group": "G1", "where": "unit", "registrations": ["A2"]}


def test_group_that_finds_place_is_not_left():
    rows = [registration("A1", avoided_units=["U1"]), registration("A2")]
    [found] = ways_out(grouped(rows, [unit("U1")], [room(beds=2)]), "A1").ways_out
    assert [step.rule for step in found.changes] == ["avoided_unit"]
    assert (found.objective, found.loss) == (120000, 0)


def test_both_parts_of_a_split_household_stay_in_the_group():
    rows = [registration("A1", persons=[WOMAN, MAN]), registration("A2")]
    units = [unit("U1", admits=["female"]), unit("U2", admits=["male"])]
    rooms = [room("R1", beds=2), room("R2", "U2")]
    for where, expected in (("location", ["split"]), ("unit", ["waived", "split"])):
        found = ways_out(grouped(rows, units, rooms, where=where), "A1").ways_out
        split = next(row for row in found if "split" in [step.what for step in row.changes])
        assert [step.what for step in split.changes] == expected, where
        assert split.objective == 180000


def test_split_household_counts_once_for_its_group():
    rows = [registration("A1", persons=[WOMAN, MAN]), registration("A2")]
    units = [unit("U1", admits=["female"]), unit("U2", admits=["male"])]
    rooms = [room("R1", beds=2), room("R2", "U2")]
    found = ways_out(grouped(rows, units, rooms, where="location", must=False), "A1").ways_out[0]
    assert (found.objective, found.loss) == (180700, 0)


def test_loss_counts_the_points_of_a_group_for_the_registration():
    # A2 leaves U2 (fresh) for U1 (60 less), to be with A1: together they gain 700
    rows = [registration("A1", avoided_units=["U1", "U2"], schemes=["cosm"]), registration("A2")]
    units = [unit("U1", freshness="stale"), unit("U2")]
    rooms = [room("R1", beds=2), room("R2", "U2")]
    answer = ways_out(grouped(rows, units, rooms, must=False), "A1")
    [first, second] = sorted(answer.ways_out, key=lambda row: row.unit)
    assert answer.best == 60000
    assert (first.objective, first.loss) == (120000 + 700 - 120, 60)
    assert (second.objective, second.loss) == (120000 - 60, 60)


def test_others_of_a_group_stay_together_without_the_client():
    rows = [registration("A1", avoided_units=["U1"]), registration("A2"), registration("A3")]
    raw = problem(rows, [unit("U1"), unit("U2")], [room("R1", beds=1), room("R2", "U2", beds=2)])
    group = {"id": "G1", "registrations": ["A1", "A2", "A3"], "where": "unit", "must": True}
    answer = ways_out(read(raw | {"together": [group]}), "A1")
    [found, *_] = [row for row in answer.ways_out if row.unit == "U1"]
    assert {step.what for step in found.changes} == {"avoided_unit", "waived"}
    assert (answer.best, found.objective, found.loss) == (120000, 180000, 0)


def test_bed_that_others_of_a_fixed_one_need_is_not_given():
    rows = [registration("A1", avoided_units=["U1"]), registration("A2"), registration("A3")]
    raw = problem(rows, [unit("U1")], [room(beds=2)], fixed=[("A2", "U1")])
    group = {"id": "G1", "registrations": ["A2", "A3"], "where": "unit", "must": True}
    answer = ways_out(read(raw | {"together": [group]}), "A1")
    assert (answer.best, answer.ways_out) == (120000, ())
