"""The groups of a problem after some registrations have left them."""

from collections.abc import Collection

from msgspec.structs import replace

from matching.format.problem import Problem, Together


def left_by(together: tuple[Together, ...], leaving: Collection[str]) -> tuple[Together, ...]:
    """Returns the groups without the registrations in `leaving`. Drops a group that has fewer than two members left."""
    rows = (
        replace(group, registrations=tuple(name for name in group.registrations if name not in leaving))
        for group in together
    )
    return tuple(group for group in rows if len(group.registrations) > 1)


def unbound(problem: Problem, leaving: Collection[str]) -> Problem:
    """Returns the problem after these registrations left the groups with `must`."""
    must = tuple(group for group in problem.together if group.must)
    others = tuple(group for group in problem.together if not group.must)
    return replace(problem, together=(*left_by(must, leaving), *others))
