"""Unit profiles. A profile states what a unit offers, and whom it admits."""

from collections.abc import Iterable, Mapping, Sequence
from typing import cast

from sqlmodel import Session, col, select

from placement.access import scoped_queries
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import Gender
from placement.core.context import Act
from placement.core.errors import Fault, Invalid
from placement.core.languages import LANGUAGES
from placement.registrations.registrations import require_version
from placement.shelters import versions
from placement.tables import Location, ProfileQuestion, Unit

ANY_LANGUAGE = "*"


def change_profile(act: Act, unit_id: str, version: int, profile: Mapping[str, object]) -> Unit:
    """Replaces the profile of a unit. Marks all open questions about the profile as answered. `profile`: columns of
    `Unit` by name. Raises `VersionPassed` unless `version` is the newest, and `Invalid` with every wrong field.
    """
    unit = scoped_queries.unit_of(act.session, act.actor, unit_id, lock=True)
    require_version(version, unit.version)
    require_known_languages(profile)
    changed = sorted(name for name, value in profile.items() if getattr(unit, name) != value)
    with versions.changing(act, unit):
        set_profile(unit, profile)
        unit.version += 1
    for question in open_questions(act, unit.id):
        question.answered_at = act.at
    audit_log.write(act, Event.PROFILE_CHANGED, subject=unit.id, fields=changed)
    return unit


def require_known_languages(profile: Mapping[str, object]) -> None:
    """Raises `Invalid` with each unknown language code."""
    faults = [
        Fault(f"{name}.{number}", "language_unknown", {"found": code})
        for name in ("languages", "interpreter_languages")
        for number, code in enumerate(cast("Sequence[str]", profile[name]))
        if not is_language(code) and not (code == ANY_LANGUAGE and name == "interpreter_languages")
    ]
    if faults:
        raise Invalid(faults)


def is_language(code: str) -> bool:
    return code.lower() in LANGUAGES


def set_profile(unit: Unit, profile: Mapping[str, object]) -> None:
    for name, value in profile.items():
        setattr(unit, name, value)


def units_of_shelter(session: Session, shelter_id: str) -> Sequence[Unit]:
    return session.exec(select(Unit).join(Location).where(Location.shelter_id == shelter_id)).all()


def only_genders(units: Iterable[Unit]) -> dict[str, Gender]:
    """Returns the gender of each unit that admits a single gender and no children."""
    return {
        unit.id: Gender(unit.admits[0]) for unit in units if len(unit.admits) == 1 and unit.children_max_age is None
    }


def open_questions(act: Act, unit_id: str) -> list[ProfileQuestion]:
    query = select(ProfileQuestion).where(
        ProfileQuestion.unit_id == unit_id, col(ProfileQuestion.answered_at).is_(None)
    )
    return list(act.session.exec(query.order_by(col(ProfileQuestion.asked_at))))
