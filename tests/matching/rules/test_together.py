import pytest

from matching import advise, check, degraded, match, say
from tests.support.matching.problem_parts import broken, location, placed, problem, read, registration, room, unit


def bound(where="location", *, must=True, fixed=(), beds=(1, 1, 1), rows=2, **facts):
    """U1 and U2 at L1, U3 at L2, all in one region; A1 and A2 of one group."""
    places = [location("L1"), location("L2", region="zeeland") if where == "region" else location("L2")]
    units = [unit("U1"), unit("U2"), unit("U3", location="L2")]
    rooms = [room(f"R{i}", f"U{i}", number) for i, number in enumerate(beds, start=1) if number]
    people = [registration(f"A{i}", **(facts if i == 1 else {})) for i in range(1, rows + 1)]
    return problem(people, units, rooms, locations=places, fixed=fixed) | {
        "together": [{"id": "G1", "registrations": ["A2", "A1"], "where": where, "must": must}],
    }


FACTS = {"group": "G1", "where": "location", "registrations": ["A1"]}


@pytest.mark.parametrize(("where", "open_to"), [("unit", {"U1"}), ("location", {"U1", "U2"}), ("region", {"U1", "U2"})])
def test_fixed_registration_binds_the_others_of_its_group(where, open_to):
    raw = bound(where, fixed=[("A1", "U1")], beds=(2, 1, 1))
    assert {name for name in ("U1", "U2", "U3") if not broken(raw, "A2", name)} == open_to
    assert broken(raw, "A2", "U3") == {"together": FACTS | {"where": where}}
    assert broken(raw, "A1", "U3") == {}  # its own `fixed` row does not count


def test_group_not_fixed_or_without_must_forbids_no_unit():
    assert broken(bound(), "A2", "U3") == {}
    assert broken(bound(must=False, fixed=[("A1", "U1")]), "A2", "U3") == {}


def test_group_is_placed_whole_or_not_at_all():
    assert placed(bound("unit")) == (0, {})
    assert placed(bound("unit", beds=(1, 1, 2))) == (120000, {"A1": "U3", "A2": "U3"})
    assert placed(bound("location"))[1].keys() == {"A1", "A2"}
    assert placed(bound("location", beds=(1, 0, 1))) == (0, {})


def test_fixed_registrations_in_two_places_contradict_each_other():
    found = match(read(bound(fixed=[("A1", "U1"), ("A2", "U3")])))
    assert [(row.registration, row.rule, row.facts) for row in found.broken] == [
        ("A1", "together", FACTS | {"registrations": ["A2"]}),
        ("A2", "together", FACTS),
    ]


def test_no_place_for_the_others_of_a_fixed_one_is_infeasible():
    raw = bound("unit", fixed=[("A1", "U1")])
    for found in (match(read(raw)), degraded(read(raw), "a test")):
        assert (found.status, found.objective, found.bound) == ("infeasible", 0, 0)
        assert [(row.registration, row.unit, row.rule, row.facts) for row in found.broken] == [
            ("A1", "U1", "together", {"group": "G1", "where": "unit", "registrations": ["A2"]})
        ]
        assert check(read(raw), found).ok


def test_others_of_a_fixed_one_come_first_even_at_a_loss():
    # A3 (urgency 1) would have the only other bed of U1; A2 must be placed in it
    raw = bound("unit", fixed=[("A1", "U1")], beds=(2, 0, 0), rows=3)
    raw["registrations"][2]["urgency"] = 1
    assert placed(raw) == (120000, {"A1": "U1", "A2": "U1"})
    raw["policy"] = {"serve": {"3": 0}, "scheme_step": 5}
    raw["registrations"][1]["schemes"] = ["omm", "cosm"]
    assert placed(raw) == (-5, {"A1": "U1", "A2": "U1"})


def test_group_fixed_in_part_is_placed_by_a_solver_if_need_be(monkeypatch):
    monkeypatch.setattr("matching.fallback.House.place_together", lambda *_: False)
    found = degraded(read(bound("unit", fixed=[("A1", "U1")], beds=(2, 1, 1))), "a test")
    assert (found.status, {row.registration: row.unit for row in found.placements}) == (
        "degraded", {"A1": "U1", "A2": "U1"},
    )  # fmt: skip


@pytest.mark.parametrize("must", [True, False])
def test_group_that_must_be_kept_apart_is_not_placed_together(must):
    raw = bound(must=must, keep_apart=["A2"])
    assert placed(raw)[0] == (0 if must else 120000)


def test_points_count_registrations_less_places():
    raw = bound(must=False)
    raw["policy"] = {"together": 7}
    assert placed(raw)[0] == 120007
    assert [(row.id, row.points) for row in match(read(raw)).together] == [("G1", 7)]
    raw["registrations"][0]["avoided_locations"] = ["L1"]
    raw["rooms"].pop()
    assert [(row.id, row.points) for row in match(read(raw)).together] == [("G1", 0)]


def test_advice_names_the_group_that_has_no_place_there():
    advice = {row.unit: row for row in advise(read(bound("unit", beds=(1, 0, 2))), "A1").units}
    assert advice["U3"].kind == "chosen"
    assert (advice["U1"].kind, advice["U1"].loss) == ("not_eligible", None)
    assert [(row.rule, row.facts["registrations"]) for row in advice["U1"].broken] == [("together", ["A2"])]


def test_override_takes_the_client_out_of_the_group():
    # A2 is fixed in U3; A1 in U1 breaks `together`, and that alone
    advice = {row.unit: row for row in advise(read(bound("unit", fixed=[("A2", "U3")], beds=(1, 0, 2))), "A1").units}
    assert [row.rule for row in advice["U1"].broken] == ["together"]
    assert advice["U1"].loss == 0


@pytest.mark.parametrize("where", ["unit", "location", "region"])
def test_broken_group_is_said_in_words(where):
    said = say("together", {"group": "G1", "where": where, "registrations": ["A1", "A2"]})
    assert f"one {where}" in said
    assert said.endswith("A1, A2")
