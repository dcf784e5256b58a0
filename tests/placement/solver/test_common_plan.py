"""The plan of an event: its total, its cost to those who wait, its kinds, and the smallest way out."""

import pytest
from msgspec.structs import replace

from bench.events import compared, event
from matching import Room, Together, check, match
from placement.core.plan_codes import PlanKind
from placement.solver.common_plan import PlanQuestion, places_in, plans
from placement.solver.plan_ways_out import ExtraRooms, MissingHouse, way_out_for_all
from tests.support.matching.problem_parts import location, person, problem, read, registration, room, unit

WIDE = [pytest.param(range(8 * part, 8 * part + 8), marks=pytest.mark.wide, id=f"part {part}") for part in range(1, 25)]


def asked(raw, members, chosen=None, large=()):
    found = read(raw)
    return PlanQuestion(found, frozenset(members), {one.id: one.location for one in found.units}, chosen or {}, large)


@pytest.mark.wide
@pytest.mark.parametrize("seeds", [range(4), *WIDE])
def test_total_of_plan_is_never_below_one_by_one(seeds):
    for seed in seeds:
        assert compared(seed).lead >= 0, seed


@pytest.mark.wide
@pytest.mark.parametrize("seeds", [range(4), *WIDE[:4]])
def test_each_kind_obeys_rules_and_spare_has_no_cost(seeds):
    for seed in seeds:
        question, _ = event(seed)
        found = plans(question, match)
        for plan in found.values():
            assert check(plan.problem, plan.solution).ok
            assert plan.figures.persons >= plan.figures.placed
        assert PlanKind.SPARE not in found or not found[PlanKind.SPARE].moved
        way = way_out_for_all(found[PlanKind.WHOLE].problem, found[PlanKind.WHOLE].solution, question.members, match)
        named = {*way.serves, *way.unknown, *(one for house in way.houses for one in house.registrations)}
        assert named == question.members & {*found[PlanKind.WHOLE].solution.unplaced}


def test_cost_names_the_client_that_loses_a_place():
    rows = [registration("A1"), registration("M1", urgency=1)]
    found = plans(asked(problem(rows), {"M1"}), match)
    [lost] = found[PlanKind.WHOLE].moved
    assert (lost.registration_id, lost.now, lost.then, lost.how) == ("A1", "U1", None, "no_longer")
    assert (found[PlanKind.WHOLE].figures.longer, found[PlanKind.WHOLE].figures.placed) == (1, 1)
    assert (found[PlanKind.SPARE].figures.longer, found[PlanKind.SPARE].figures.placed) == (0, 0)


def test_waiting_clients_keep_equal_places():
    units = [unit(f"U{one}") for one in range(4)]
    for seed in range(4):  # equal units: any answer is as good
        rows = [registration(f"A{one}") for one in range(3)] + [registration(f"M{seed}", urgency=1)]
        assert plans(asked(problem(rows, units), {f"M{seed}"}), match)[PlanKind.WHOLE].moved == ()


def test_groups_are_kept_together_with_ten_times_the_weight():
    units = [unit("U1", languages=["ti"]), unit("U2", languages=["en"]), unit("U3", languages=["ti"])]
    spoken = {"languages": [{"code": "ti", "level": "native"}], "language_required": False}
    other = {"languages": [{"code": "en", "level": "native"}], "language_required": False}
    raw = problem(
        [registration("M1", **spoken), registration("M2", **other)],
        [{**one, "location": place} for one, place in zip(units, ["L1", "L2", "L3"], strict=True)],
        [room("R1", "U1", beds=1), room("R2", "U2", beds=1), room("R3", "U3", beds=2)],
        locations=[location(f"L{one}") for one in (1, 2, 3)],
        policy={"together": 100},
    )
    question = asked(raw, {"M1", "M2"})
    group = Together("G1", ("M1", "M2"), "location", must=False)
    found = plans(replace_problem(question, together=(group,)), match)
    assert found[PlanKind.WHOLE].apart == (("M1", "M2"),)
    assert found[PlanKind.TOGETHER].apart == ()
    assert [found[kind].figures.houses for kind in (PlanKind.WHOLE, PlanKind.TOGETHER)] == [2, 1]


def replace_problem(question, **facts):
    changed = replace(question.problem, **facts).checked()
    return PlanQuestion(changed, question.members, question.house_of, question.chosen, question.large)


def test_group_above_sixty_is_split_by_house():
    members = [f"M{one:02}" for one in range(70)]
    raw = problem(
        [registration(one) for one in members],
        [unit("U1"), unit("U2", location="L2")],
        [room("R1", "U1", beds=40), room("R2", "U2", beds=30)],
        locations=[location("L1"), location("L2")],
    )
    large = [Together("all", tuple(members), "location", must=False)]
    plan = plans(asked(raw, members, large=large), match)[PlanKind.WHOLE]
    assert sorted(map(len, plan.parts)) == [30, 40]
    assert plan.apart == (tuple(members),)
    places = places_in(plan.solution)
    assert all(len({places[one] for one in part}) == 1 for part in plan.parts)


def test_chosen_unit_stays_and_the_rest_is_solved_around_it():
    rows = [registration("M1"), registration("M2", avoided_units=["U2"])]
    raw = problem(rows, [unit("U1"), unit("U2")])
    assert plans(asked(raw, {"M1", "M2"}), match)[PlanKind.WHOLE].figures.placed == 2
    changed = plans(asked(raw, {"M1", "M2"}, chosen={"M1": "U1"}), match)[PlanKind.WHOLE]
    assert places_in(changed.solution) == {"M1": "U1"}
    impossible = plans(asked(raw, {"M1", "M2"}, chosen={"M2": "U2"}), match)[PlanKind.WHOLE]
    assert [row.rule for row in impossible.solution.broken] == ["avoided_unit"]


def test_way_out_is_the_fewest_double_rooms():
    men = [registration(f"M{one}", persons=[person("male")]) for one in range(6)]
    family = registration("M6", persons=[person(), person(age=9)])
    units = [unit("U1", admits=["female"], children={}), unit("U2")]
    plan = plans(asked(problem([*men, family], units), [row["id"] for row in [*men, family]]), match)[PlanKind.WHOLE]
    way = way_out_for_all(plan.problem, plan.solution, {row["id"] for row in [*men, family]}, match)
    assert way.rooms == (ExtraRooms("U1", 1, 2), ExtraRooms("U2", 3, 2))
    extra = [Room(f"X{one}", "U2", 2, 2, plan.problem.as_of) for one in range(3)]
    enough = [*extra, Room("Y", "U1", 2, 2, plan.problem.as_of)]
    for number, rooms in ((0, enough), *((1, [*enough[:one], *enough[one + 1 :]]) for one in range(4))):
        answer = match(replace(plan.problem, rooms=(*plan.problem.rooms, *rooms)))
        assert bool(answer.unplaced) == bool(number)


def test_way_out_names_the_house_that_is_missing():
    rows = [registration(f"M{one}", persons=[person("male")]) for one in range(2)]
    plan = plans(asked(problem(rows, [unit(admits=["female"])]), {"M0", "M1"}), match)[PlanKind.WHOLE]
    way = way_out_for_all(plan.problem, plan.solution, {"M0", "M1"}, match)
    assert way.houses == (MissingHouse(("gender",), ("male",), ("M0", "M1")),)
    assert (way.rooms, way.unknown) == ((), ())


@pytest.mark.wide
def test_large_plan_asks_once_for_its_way_out():
    question, _ = event(2, 70)
    plan, asked = match(question.problem), []

    def counted(problem):
        asked.append(problem)
        return match(problem)

    way = way_out_for_all(question.problem, plan, question.members, counted)
    served = {*way.serves, *way.unknown, *(one for house in way.houses for one in house.registrations)}
    assert (len(asked), served) == (1, question.members & {*plan.unplaced})
    assert len(way.serves) > 1
