"""Registrations: made, changed, closed; avoidances set and lifted."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from babel import Locale
from sqlalchemy import delete
from sqlmodel import SQLModel, col, func, select

from placement.access import scoped_queries
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.log import Event
from placement.core.codes import AvoidedKind, Gender, ProposalStatus, Region, RegistrationStatus, Urgency
from placement.core.context import Act
from placement.core.errors import Conflict, Fault, Invalid, NotFound, VersionPassed
from placement.core.geography import places_named
from placement.core.ids import new_id
from placement.core.reason_codes import Step, reason_for
from placement.crypto.encrypted_columns import is_readable
from placement.lifecycles.machine import begin, carry_out, require
from placement.lifecycles.moves import ProposalMove, RegistrationMove
from placement.tables import (
    Avoidance,
    KeepApart,
    Location,
    Proposal,
    Provider,
    RegisteredPerson,
    Registration,
    Threat,
    Unit,
)

LANGUAGES = frozenset(str(code).lower().replace("_", "-") for code in Locale("en").languages)
"""The language codes that exist (CLDR, by Babel), in lower case."""

CAN_WAIT = {
    Urgency.TONIGHT: timedelta(days=0),
    Urgency.DAYS: timedelta(days=3),
    Urgency.WEEK: timedelta(days=7),
    Urgency.CAN_WAIT: timedelta(days=14),
}
"""How far ahead the first day may be where none is given, by urgency (assumed)."""

_CHANGEABLE = frozenset({RegistrationStatus.DRAFT, RegistrationStatus.OPEN})


@dataclass(frozen=True, slots=True)
class PersonInput:
    gender: Gender
    age: int


@dataclass(frozen=True, slots=True)
class PointInput:
    """A place from the list, or a point, as given by the user."""

    place: str | None = None
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class ThreatInput:
    point: PointInput
    min_km: int


@dataclass(frozen=True, slots=True)
class AvoidedInput:
    kind: AvoidedKind
    target: str


@needs(Permission.REGISTRATION_CHANGE)
def register(
    act: Act,
    facts: Mapping[str, Any],
    *,
    persons: Sequence[PersonInput],
    threats: Sequence[ThreatInput] = (),
    near: PointInput | None = None,
    avoided: Sequence[AvoidedInput] = (),
    keep_apart: Sequence[str] = (),
    draft: bool = False,
) -> Registration:
    """Makes a registration, open at once unless it is a draft. `facts`: columns of `Registration` by name.

    Raises `Invalid`, naming every field that is wrong, and stores nothing then.
    """
    if not act.actor.covers(facts["region"]):
        raise Invalid.at("region", "region_not_yours", allowed=sorted(act.actor.regions))
    registration = Registration(
        id=new_id("R"),
        waits_since=act.at,
        registered_by=act.actor.id,
        **{"needed_by": act.day + CAN_WAIT[facts.get("urgency", Urgency.WEEK)], **facts},
    )
    first = RegistrationMove.DRAFT if draft else RegistrationMove.REGISTER
    begin(act, registration, first, status=first.target.value)
    act.session.add(registration)
    act.session.flush()
    _set_parts(act, registration, persons=persons, threats=threats, near=near, avoided=avoided, keep_apart=keep_apart)
    return registration


@needs(Permission.REGISTRATION_CHANGE)
def change(
    act: Act, registration_id: str, version: int, facts: Mapping[str, Any], *, open_it: bool = False, **parts: Any
) -> Registration:
    """Changes what is given, and nothing else; `parts` as in `register`. `open_it` makes a draft an open one.

    Raises `VersionPassed` unless `version` is the newest, and `Conflict` when it is held, placed or closed.
    """
    registration = scoped_queries.registration_of(act.session, act.actor, registration_id, lock=True)
    require_version(version, registration.version)
    if registration.status not in _CHANGEABLE:
        raise Conflict(RegistrationMove.SUBMIT.refusal, status=registration.status.value)
    region = facts.get("region", registration.region)
    if not act.actor.covers(region):
        raise Invalid.at("region", "region_not_yours", allowed=sorted(act.actor.regions))
    for name, value in facts.items():
        setattr(registration, name, value)
    fields = sorted({*facts, *parts})
    if open_it and registration.status is RegistrationStatus.DRAFT:
        carry_out(act, registration, RegistrationMove.SUBMIT, fields=fields)
    else:
        touch(registration)
        audit_log.write(act, Event.REGISTRATION_CHANGED, registration=registration.id, fields=fields)
    _set_parts(act, registration, **parts)
    supersede_proposals(act, registration.id)
    return registration


@needs(Permission.REGISTRATION_CHANGE)
def close(act: Act, registration_id: str, reason: str | None, text: str | None = None) -> Registration:
    """Closes a draft or open registration with a coded reason."""
    registration = scoped_queries.registration_of(act.session, act.actor, registration_id, lock=True)
    require(registration, RegistrationMove.CLOSE)
    close_with(act, registration, reason_for(Step.CLOSE, reason, text).code, RegistrationMove.CLOSE)
    return registration


def close_with(
    act: Act, registration: Registration, reason: str, move: RegistrationMove = RegistrationMove.END
) -> None:
    """Closes a case with the end of a stay, by a reason that closes it, or (`move`) by hand."""
    registration.closed_reason, registration.closed_at = reason, act.at
    carry_out(act, registration, move, reason=reason)
    supersede_proposals(act, registration.id)


def avoid(act: Act, registration_id: str, kind: AvoidedKind, target: str, reason: str) -> None:
    """Makes the registration avoid this target until a user lifts it. Harmless when set twice."""
    if any((row.kind, row.target) == (kind, target) for row in active_avoidances(act, registration_id)):
        return
    avoided = Avoidance(
        id=new_id("V"),
        registration_id=registration_id,
        kind=kind,
        target=target,
        reason=reason,
        since=act.at,
        set_by=act.actor.id,
    )
    act.session.add(avoided)
    audit_log.write(
        act, Event.AVOIDANCE_SET, registration=registration_id, subject=avoided.id, kind=kind.value, reason=reason
    )


@needs(Permission.AVOIDANCE_LIFT)
def lift_avoidance(act: Act, registration_id: str, avoidance_id: str) -> Registration:
    """Lifts an avoidance: the registration may go there from now on."""
    registration = scoped_queries.registration_of(act.session, act.actor, registration_id, lock=True)
    avoidance = act.session.get(Avoidance, avoidance_id)
    if avoidance is None or avoidance.registration_id != registration_id:
        raise NotFound
    if avoidance.lifted_at is not None:
        raise Conflict("already_lifted")
    avoidance.lifted_at, avoidance.lifted_by = act.at, act.actor.id
    touch(registration)
    supersede_proposals(act, registration.id)
    audit_log.write(act, Event.AVOIDANCE_LIFTED, registration=registration_id, subject=avoidance.id)
    return registration


def active_avoidances(act: Act, registration_id: str) -> list[Avoidance]:
    query = select(Avoidance).where(Avoidance.registration_id == registration_id, col(Avoidance.lifted_at).is_(None))
    return list(act.session.exec(query.order_by(col(Avoidance.since), Avoidance.id)))


def persons_of(act: Act, registration_id: str) -> list[RegisteredPerson]:
    query = select(RegisteredPerson).where(RegisteredPerson.registration_id == registration_id)
    return list(act.session.exec(query.order_by(col(RegisteredPerson.number))))


def persons_counted(act: Act, registration_ids: Collection[str]) -> dict[str, int]:
    """How many persons each of these registrations has."""
    case = col(RegisteredPerson.registration_id)
    query = select(RegisteredPerson.registration_id, func.count()).where(case.in_(registration_ids)).group_by(case)
    return dict(act.session.exec(query).all())


def require_readable(act: Act, registration: Registration) -> None:
    """Raises `Conflict` where the key of this case is missing: an unreadable field must not pass for an empty one."""
    if not case_is_readable(registration, threats_of(act, registration.id)):
        raise unreadable(registration)


def unreadable(registration: Registration) -> Conflict:
    return Conflict("content_unreadable", owner=registration.id)


def case_is_readable(registration: Registration, threats: Sequence[Threat]) -> bool:
    return is_readable(registration.alias, registration.near, *(threat.point for threat in threats))


def threats_of(act: Act, registration_id: str) -> list[Threat]:
    return list(act.session.exec(select(Threat).where(Threat.registration_id == registration_id).order_by(Threat.id)))


def kept_apart_from(act: Act, registration_id: str) -> list[str]:
    """The registrations to be kept apart from this one, as far as this actor may see them: a pair set by the desk can
    name one that only the desk sees.
    """
    named = all_kept_apart_from(act, registration_id)
    seen = scoped_queries.visible_registrations(act.session, act.actor, named)
    return [other for other in named if other in seen]


def all_kept_apart_from(act: Act, registration_id: str) -> list[str]:
    query = select(KeepApart.other_id).where(KeepApart.registration_id == registration_id).order_by(KeepApart.other_id)
    return list(act.session.exec(query))


def require_version(given: int, newest: int) -> None:
    if given != newest:
        raise VersionPassed("version_passed", given=given, newest=newest)


def touch(registration: Registration) -> None:
    """Raises the version: a write based on an older one is refused."""
    registration.version += 1


def supersede_proposals(act: Act, registration_id: str) -> None:
    """Supersedes the proposals of a registration: they were computed from older facts."""
    made = select(Proposal).where(Proposal.registration_id == registration_id, Proposal.status == ProposalStatus.MADE)
    for proposal in act.session.exec(made):
        carry_out(act, proposal, ProposalMove.SUPERSEDE)


def _set_parts(
    act: Act,
    registration: Registration,
    *,
    persons: Sequence[PersonInput] | None = None,
    threats: Sequence[ThreatInput] | None = None,
    near: PointInput | None = None,
    avoided: Sequence[AvoidedInput] | None = None,
    keep_apart: Sequence[str] | None = None,
) -> None:
    """Replaces the parts that are given, after all of them were found to be valid."""
    faults: list[Fault] = []
    points = [_point(f"threats.{number}", threat.point, faults) for number, threat in enumerate(threats or ())]
    near_point = _point("near", near, faults) if near else None
    faults += _language_faults(registration)
    faults += _need_faults(registration)
    faults += [
        fault for number, word in enumerate(avoided or ()) for fault in _target_faults(act, f"avoided.{number}", word)
    ]
    # A reference that the actor may not see is treated as unknown: else it could be tried, to find where it lives.
    seen = scoped_queries.visible_registrations(act.session, act.actor, list(keep_apart or ()))
    for number, other in enumerate(keep_apart or ()):
        if other not in seen or other == registration.id:
            faults.append(Fault(f"keep_apart.{number}", "registration_unknown", {"found": other}))
    if faults:
        raise Invalid(faults)
    if near_point:
        registration.near = near_point
    if persons is not None:
        _replace(
            act,
            RegisteredPerson,
            registration.id,
            (
                RegisteredPerson(
                    registration_id=registration.id, number=number, gender=word.gender, age=word.age, age_on=act.day
                )
                for number, word in enumerate(persons, start=1)
            ),
        )
    if threats is not None:
        _replace(
            act,
            Threat,
            registration.id,
            (
                Threat(id=new_id("T"), registration_id=registration.id, point=point, min_km=threat.min_km)
                for threat, point in zip(threats, points, strict=True)
            ),
        )
    if keep_apart is not None:
        hidden = set(all_kept_apart_from(act, registration.id)) - set(kept_apart_from(act, registration.id))
        _replace(
            act,
            KeepApart,
            registration.id,
            (KeepApart(registration_id=registration.id, other_id=other) for other in sorted({*keep_apart, *hidden})),
        )
    for word in avoided or ():
        avoid(act, registration.id, word.kind, word.target, "asked_for")


def _replace(act: Act, table: Any, registration_id: str, rows: Iterable[Any]) -> None:
    act.session.execute(delete(table).where(table.registration_id == registration_id))
    act.session.add_all(rows)


def _point(where: str, word: PointInput, faults: list[Fault]) -> dict[str, Any] | None:
    if word.place is not None and word.lat is None and word.lon is None:
        meant = places_named(word.place)
        if len(meant) != 1:
            code = "place_ambiguous" if meant else "place_unknown"
            named = [place.in_full for place in meant]
            faults.append(Fault(f"{where}.place", code, {"found": word.place, "allowed": named}))
            return None
        [place] = meant
        return {"place": place.name, "lat": place.point.lat, "lon": place.point.lon}
    if word.place is None and word.lat is not None and word.lon is not None:
        return {"place": None, "lat": word.lat, "lon": word.lon}
    faults.append(Fault(where, "place_or_point"))
    return None


def _language_faults(registration: Registration) -> list[Fault]:
    faults = [
        Fault(f"languages.{number}.code", "language_unknown", {"found": spoken.code})
        for number, spoken in enumerate(registration.languages)
        if spoken.code.lower() not in LANGUAGES
    ]
    draft = registration.status is RegistrationStatus.DRAFT  # unknown facts of a draft can be added later
    if registration.language_required and not registration.languages and not draft:
        faults.append(Fault("languages", "language_missing"))
    return faults


def _need_faults(registration: Registration) -> list[Fault]:
    both = sorted(set(registration.needs) & set(registration.preferred_needs))
    return [Fault("preferred_needs", "need_twice", {"found": need}) for need in both]


def _target_faults(act: Act, where: str, word: AvoidedInput) -> list[Fault]:
    if word.kind is AvoidedKind.REGION:
        known = word.target in set(Region)
    else:
        tables: dict[AvoidedKind, type[SQLModel]] = {
            AvoidedKind.LOCATION: Location,
            AvoidedKind.PROVIDER: Provider,
            AvoidedKind.UNIT: Unit,
        }
        table = tables[word.kind]
        known = act.session.get(table, word.target) is not None
    return (
        [] if known else [Fault(f"{where}.target", "target_unknown", {"found": word.target, "kind": word.kind.value})]
    )
