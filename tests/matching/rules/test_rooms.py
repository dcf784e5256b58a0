import pytest

from tests.support.matching.problem_parts import broken, person, placed, problem, registration, room, unit

WOMAN = {"registration": "X1", "gender": "female"}
MAN = {"registration": "X2", "gender": "male"}
GIRL = {"registration": "X3", "gender": "female", "minor": True}


def reason(registration, *rooms, fixed=(), others=()):
    """Returns the reason for which there are no rooms, or `None`."""
    raw = problem([registration, *others], [unit(min_age=0, children={})], list(rooms), fixed=fixed)
    return broken(raw).get("rooms", {}).get("reason")


def family(size, **facts):
    return registration(persons=[person(), *(person(age=3) for _ in range(size - 1))], **facts)


def sisters(size, **facts):
    return registration(persons=[person()] * size, **facts)


def test_the_facts_are_how_many_persons_and_why():
    assert broken(problem([sisters(2)]))["rooms"] == {"persons": 2, "reason": "too_few_beds"}


@pytest.mark.parametrize(
    ("who", "rooms", "expected"),
    [
        (sisters(2), [room("R1"), room("R2")], None),
        (sisters(3), [room("R1"), room("R2")], "too_few_beds"),
        (sisters(2), [room("R1", beds=2, free_beds=1)], "too_few_beds"),
        (family(2), [room("R1"), room("R2")], None),
        (family(3), [room("R1"), room("R2"), room("R3")], "too_few_beds"),  # never three rooms
        (family(5), [room("R1", beds=4), room("R2")], None),
        (registration(private_room=True), [room(beds=3)], None),
        (registration(), [room(beds=2, free_beds=1, occupants=[WOMAN])], None),
        (registration(), [room(beds=2, free_beds=1, occupants=[MAN])], "gender_or_minors"),
        (registration(), [room(beds=2, free_beds=1, occupants=[GIRL])], "gender_or_minors"),
        (registration(persons=[person(age=17)]), [room(beds=2, free_beds=1, occupants=[GIRL])], None),
        (registration(private_room=True), [room(beds=2, free_beds=1, occupants=[WOMAN])], "occupied"),
        (registration(room_needs=["ground_floor"]), [room()], "room_needs"),
        (registration(room_needs=["ground_floor"]), [room(features=["ground_floor"])], None),
        (sisters(2, room_needs=["ground_floor"]), [room("R1"), room("R2", features=["ground_floor"])], None),
        (
            sisters(2, room_needs=["ground_floor", "infant"]),
            [room("R1", features=["infant"]), room("R2", features=["ground_floor"])],
            None,
        ),
        (registration(room_needs=["ground_floor", "infant"]), [room("R1", features=["infant"])], "room_needs"),
    ],
)
def test_rooms_exist_or_the_first_reason_is_given(who, rooms, expected):
    assert reason(who, *rooms) == expected


@pytest.mark.parametrize(("day", "expected"), [("2026-11-24", None), ("2026-11-25", None), ("2026-11-26", "too_late")])
def test_a_room_must_be_free_by_the_day_it_is_needed(day, expected):
    assert reason(registration(needed_by="2026-11-25"), room(free_from=day)) == expected


def test_a_day_in_the_past_counts_as_today():
    assert reason(registration(needed_by="2026-11-01"), room(free_from="2026-11-24")) is None
    assert reason(registration(needed_by="2026-11-01"), room(free_from="2026-11-25")) == "too_late"


def test_rooms_are_allocated_jointly_with_fixed_households():
    man = registration("A2", persons=[person("male")])
    assert reason(registration(), room(beds=2), others=[man]) is None
    assert reason(registration(), room(beds=2), others=[man], fixed=[("A2", "U1")]) == "gender_or_minors"
    # the man can have either room, so there is one left for the woman
    assert reason(registration(), room("R1"), room("R2"), others=[man], fixed=[("A2", "U1")]) is None
    # the fixed client must leave the ground floor to the other
    needs_it = registration(room_needs=["ground_floor"])
    rooms = [room("R1", features=["ground_floor"]), room("R2")]
    assert reason(needs_it, *rooms, others=[registration("A2")], fixed=[("A2", "U1")]) is None


def test_own_fixed_row_does_not_count():
    assert reason(registration(), room(), fixed=[("A1", "U1")]) is None


def test_a_room_for_one_kind_alone_decides():
    # a woman and a man: the room of two is for either of them; with a room each both are placed
    both = [registration("A1"), registration("A2", persons=[person("male")], waiting_days=1)]
    assert placed(problem(both, rooms=[room(beds=2)])) == (60400, {"A2": "U1"})
    assert placed(problem(both, rooms=[room("R1"), room("R2")]))[0] == 120400
    assert placed(problem([registration("A1"), registration("A2")], rooms=[room(beds=2)]))[0] == 120000


def test_two_private_rooms_neither_may_hold_all():
    # R1 (3 beds) would lose 350; R2 + R3 lose 200; R1 + R2 are never taken: 120000 - 200
    rooms = [room("R1", beds=3), room("R2"), room("R3")]
    assert placed(problem([family(2)], [unit(children={})], rooms)) == (119800, {"A1": "U1"})


def test_a_large_group_is_spread_over_the_cheapest_rooms():
    # 20 people, 10 rooms of 3 beds: 7 rooms, 6 of them extra: 20 x 60000 - 6 x 200
    rooms = [room(f"R{i}", beds=3) for i in range(10)]
    assert placed(problem([sisters(20)], rooms=rooms)) == (1198800, {"A1": "U1"})
