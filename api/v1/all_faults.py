"""A check that finds all faults of an input about a case at once. It combines the faults of the input model with those
that the domain finds in the valid fields.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from api.http.problems import fault_of
from api.v1.registration_input import RegistrationPatch
from placement.core.codes import Gender, LanguageLevel
from placement.core.errors import Fault, Invalid

Wanted = TypeVar("Wanted", bound=BaseModel)
Asked = Callable[[RegistrationPatch], Sequence[Fault]]
"""Returns the faults that the domain finds in the valid fields."""
_RESTS_ON = {
    ("region", "area_missing"): {"municipality"},
    ("region", "area_does_not_follow"): {"municipality", "persons"},
    ("region", "region_not_yours"): {"municipality", "persons", "registrant_unit"},
    ("needed_from", "needed_from_late"): {"needed_by", "urgency"},
    ("preferred_needs", "need_twice"): {"needs"},
}
"""The other fields that the check of a fault uses, by field and code. If any is wrong, the fault is left out."""
_STANDS_IN: Mapping[str, Mapping[str, object]] = {
    "languages": {"level": LanguageLevel.FLUENT},
    "persons": {"gender": Gender.OTHER},
    "reach": {"max_km": 30},
    "threats": {"min_km": None},
}
"""By list: valid values that replace the wrong fields of a row, so that the domain can check its other fields."""


def read(model: type[Wanted], facts: Mapping[str, object]) -> Wanted:
    """Validates facts with an input model. Raises `Invalid` with every invalid field."""
    try:
        return model.model_validate(dict(facts))
    except ValidationError as error:
        raise Invalid([fault_of(one) for one in error.errors()]) from error


def complete(
    model: type[Wanted],
    facts: Mapping[str, object],
    ask: Asked,
    missing: Sequence[Fault] = (),
    given: Callable[[type[Wanted], Mapping[str, object]], Wanted] = read,
) -> Wanted:
    """Returns the validated input. Raises `Invalid` with all faults. `ask`: finds the faults of the domain. `missing`:
    faults that are known already. `given`: makes the model from the facts.
    """
    try:
        wanted = given(model, facts)
    except Invalid as error:
        raise Invalid([*missing, *error.faults, *_of_the_rest(facts, error.faults, ask)]) from error
    if missing:
        raise Invalid([*missing, *_of_the_rest(facts, (), ask)])
    return wanted


def _of_the_rest(facts: Mapping[str, object], known: Sequence[Fault], ask: Asked) -> list[Fault]:
    """Returns the faults that the domain finds in the fields and rows that the input model accepts."""
    wrong: dict[str, set[str]] = {}
    for fault in known:
        name, _, row = fault.field.partition(".")
        wrong.setdefault(name, set()).add(row.partition(".")[0])
    rest: dict[str, object] = {}
    kept: dict[str, list[int]] = {}
    parts = _wrong_parts(known)
    for name, value in facts.items():
        if name not in RegistrationPatch.model_fields:
            continue
        if name not in wrong:
            rest[name] = value
        elif isinstance(value, list) and all(wrong[name]):
            standing = _STANDS_IN.get(name, {})
            rows = {number: {*parts[name, str(number)]} for number in range(len(value))}
            kept[name] = [number for number, others in rows.items() if others <= standing.keys()]
            if kept[name] or name != "persons":
                rest[name] = [_mended(value[number], rows[number], standing) for number in kept[name]]
    found = [_at_its_row(fault, kept) for fault in ask(read(RegistrationPatch, rest))]
    return [one for one in found if one.field not in wrong and not _is_open(one, wrong)]


def _is_open(fault: Fault, wrong: Collection[str]) -> bool:
    """Checks whether a fault may come only from other wrong fields, so that it is not reported yet."""
    return not _RESTS_ON.get((fault.field, fault.code), set()).isdisjoint(wrong)


def _wrong_parts(known: Sequence[Fault]) -> Mapping[tuple[str, str], set[str]]:
    """Returns the names of wrong fields by list and row number. An empty name means that the whole row is wrong."""
    found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for fault in known:
        name, _, row = fault.field.partition(".")
        number, _, part = row.partition(".")
        found[name, number].add(part)
    return found


def _mended(row: Any, wrong: Collection[str], standing: Mapping[str, object]) -> object:
    return {**row, **{part: standing[part] for part in wrong}} if wrong else row


def _at_its_row(fault: Fault, kept: Mapping[str, Sequence[int]]) -> Fault:
    name, _, row = fault.field.partition(".")
    number, dot, part = row.partition(".")
    return replace(fault, field=f"{name}.{kept[name][int(number)]}{dot}{part}") if row and name in kept else fault
