"""A list that is stopped: the beginning of the whole list, with a mark that it is not complete."""

import pytest

from matching import alternatives, bottlenecks, ways_out
from matching.exact import solve
from matching.exact.relaxation import Relaxation
from matching.explanations import extra_places, forced_choice
from matching.explanations.ways_out import proof
from tests.support.matching.problem_parts import person, problem, read, registration, room, unit

WHOLE = 4  # units
REALLY_SOLVE, REALLY_RELAX = solve.solve, Relaxation.solved
OLDER = person()["age"] + 1


def several():
    """Five registrations and four units; for two more everybody is a year too young."""
    units = [*(unit(f"U{i}") for i in range(1, WHOLE + 1)), unit("U5", min_age=OLDER), unit("U6", min_age=OLDER)]
    rooms = [room(f"R{i}", unit=f"U{i}") for i in range(1, WHOLE + 3)]
    others = [registration(f"B{i}", urgency=2, schemes=["cosm"]) for i in range(WHOLE)]
    return read(problem([registration("A1"), *others], units, rooms=rooms))


LISTS = {
    "alternatives": (lambda **more: alternatives(several(), "A1", top=9, **more), "alternatives"),
    "bottlenecks": (lambda **more: bottlenecks(several(), top=99, **more), "bottlenecks"),
    "ways_out": (lambda **more: ways_out(several(), "A1", top=9, **more), "ways_out"),
}


def stopped_after(solves, stop, monkeypatch):
    """The solver stops at the solve, or the relaxation, after so many."""
    calls = iter(range(solves))

    def one_after_another(really):
        def count(*args, **options):
            if next(calls, None) is None:
                stop()
            return really(*args, **options)

        return count

    monkeypatch.setattr(solve, "solve", one_after_another(REALLY_SOLVE))
    monkeypatch.setattr(Relaxation, "solved", one_after_another(REALLY_RELAX))


@pytest.mark.parametrize("name", LISTS)
def test_whole_list_says_nothing_of_being_complete(name):
    make, rows = LISTS[name]
    found = make()
    assert found.complete
    assert len(getattr(found, rows)) > 1


@pytest.mark.parametrize("name", LISTS)
def test_interrupted_list_is_an_exact_beginning(name, monkeypatch, sigint):
    make, rows = LISTS[name]
    whole = getattr(make(), rows)
    lengths = set()
    for solves in range(1, 6):
        stopped_after(solves, sigint, monkeypatch)
        found = make()
        listed = getattr(found, rows)
        assert listed == whole[: len(listed)]
        assert found.complete == (len(listed) == len(whole))
        lengths.add(len(listed))
    assert min(lengths) < len(whole)


@pytest.mark.parametrize("name", LISTS)
def test_list_at_its_limit_says_that_it_is_not_complete(name, monkeypatch):
    make, rows = LISTS[name]
    whole = getattr(make(), rows)
    monkeypatch.setattr(Relaxation, "best", lambda *_: None)
    for module in (forced_choice, extra_places, proof):
        monkeypatch.setattr(module, "exactly", lambda *_, **__: None)
    found = make(time_limit=60.0)
    assert not found.complete
    assert getattr(found, rows) == whole[: len(getattr(found, rows))]
