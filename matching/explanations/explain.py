"""The explanation of each unit for a registration: allowed, or the hard rules that the registration breaks there."""

from collections.abc import Mapping

from msgspec import Struct

from matching.eligibility import BrokenRule, broken_by_each, broken_rules
from matching.format.problem import Problem, Registration
from matching.index import Index


class Refused(Exception):
    """The question cannot be answered for this problem. The message gives the reason."""


class UnknownRegistration(Refused):
    """The problem has no open registration with this id."""


class RegistrationFixed(Refused):
    """The registration is fixed in a unit, so it cannot be placed in another unit."""


class UnitExplanation(Struct, frozen=True):
    """A unit, and whether the registration is `allowed` there. `broken`: the broken rules in order of evaluation."""

    unit: str
    allowed: bool
    broken: tuple[BrokenRule, ...]


class Explanation(Struct, frozen=True):
    """The explanation of each unit for a registration, sorted by unit id."""

    registration: str
    units: tuple[UnitExplanation, ...]


def explain(problem: Problem, registration_id: str) -> Explanation:
    """Returns, for every unit, the hard rules that this registration would break if only fixed registrations are
    placed.

    The registration's own entry in `fixed` is ignored. Raises UnknownRegistration.
    """
    index = Index(problem)
    return _explanation(registration_id, broken_rules(index, known(index, registration_id)))


def explain_all(problem: Problem) -> tuple[Explanation, ...]:
    """Returns the result of `explain` for every registration, sorted by id. Raises nothing for a valid problem."""
    index = Index(problem)
    found = broken_by_each(index, list(index.registrations.values()))
    return tuple(
        _explanation(registration, broken) for registration, broken in zip(index.registrations, found, strict=True)
    )


def _explanation(registration: str, found: Mapping[str, tuple[BrokenRule, ...]]) -> Explanation:
    units = tuple(UnitExplanation(unit, not broken, broken) for unit, broken in found.items())
    return Explanation(registration, units)


def known(index: Index, registration_id: str) -> Registration:
    """Returns the registration with this id. Raises UnknownRegistration."""
    if registration_id not in index.registrations:
        raise UnknownRegistration(f"no registration {registration_id!r} in this problem")
    return index.registrations[registration_id]
