"""The preview of a change: its effect on the clients who wait or live in a place today. Nothing is stored."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from sqlmodel import col, select

from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.area_codes import SchemesOfArea
from placement.core.codes import UNREGISTERED, RegistrationStatus, Scheme, StayStatus
from placement.core.context import Act
from placement.core.rule_codes import RuleKind
from placement.crypto.encrypted_columns import is_readable
from placement.dated_rules.lookup import RuleOfDay, granted, limit_in, limit_of, rules_of_day
from placement.dated_rules.values import EntitlementValue, Value
from placement.rule_changes.changes import Change, asked_statement, statement_of
from placement.solver.snapshot import RulesOfDay, entitlement_of, rules_on
from placement.tables import DatedRule, Registration, SecondPersonRequest, Stay, Unit

_CONCERNED = tuple(set(RegistrationStatus) - {*UNREGISTERED, RegistrationStatus.CLOSED})


@dataclass(frozen=True, slots=True)
class Concerned:
    """A registration for which the change would make a difference on its first day. `lives_in`: the scheme of the
    client's unit, if any. `leaves`: true if that scheme would be closed to the client. `schemes_*`: the schemes that
    are open now and after the change. `days_*`: the limit, in days, of a stay that begins on that first day. If the
    client lives in a unit, it is the limit of `lives_in`.
    """

    registration_id: str
    lives_in: Scheme | None
    schemes_now: tuple[Scheme, ...]
    schemes_then: tuple[Scheme, ...]
    days_now: int | None
    days_then: int | None

    @property
    def leaves(self) -> bool:
        return self.lives_in in self.schemes_now and self.lives_in not in self.schemes_then


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The differences on the first day of a change, computed with the ages on that day. A current stay
    keeps its limit.
    """

    day: date
    waiting: int
    housed: int
    concerned: tuple[Concerned, ...]


@needs(Permission.RULES_TRY)
def rehearse(act: Act, change: Change) -> Rehearsal:
    """Returns the differences that the change would make. Raises `Invalid` if the change cannot be requested."""
    statements = granted(act.session, change.kind)
    return _rehearsed(act, change.kind, change.valid_from, statements, statement_of(act, change, statements))


@needs(Permission.RULES_TRY)
def rehearse_asked(act: Act, request: SecondPersonRequest) -> Rehearsal:
    """Returns the differences that a waiting request would make, computed with today's cases."""
    asked = asked_statement(request)
    day = max(asked.valid_from or act.day, act.day)
    return _rehearsed(act, asked.kind, day, granted(act.session, asked.kind), asked)


def _rehearsed(act: Act, kind: RuleKind, day: date, now: Sequence[DatedRule], more: DatedRule) -> Rehearsal:
    query = select(Registration).where(col(Registration.status).in_(_CONCERNED)).order_by(Registration.id)
    cases = [case for case in act.session.exec(query) if is_readable(case.content)]
    lives_in = _homes(act)
    found: tuple[Concerned, ...] = ()
    if kind in {RuleKind.ENTITLEMENT, RuleKind.STAY_LIMIT}:
        both = rules_of_day(now, day), rules_of_day([*now, more], day)
        elsewhere = rules_on(act.session, day).schemes_of_area
        found = tuple(_different(kind, day, cases, lives_in, both, elsewhere))
    shown = [one.registration_id for one in found]
    audit_log.write(act, Event.RULES_TRIED, shown=shown, kind=kind.value, code=more.code, cases=len(cases))
    housed = sum(case.id in lives_in for case in cases)
    return Rehearsal(day, len(cases) - housed, housed, found)


def _different(  # noqa: PLR0917 - what is compared, whole
    kind: RuleKind,
    day: date,
    cases: Sequence[Registration],
    lives_in: dict[str, Scheme],
    both: tuple[list[RuleOfDay[Value]], list[RuleOfDay[Value]]],
    elsewhere: Mapping[str, SchemesOfArea],
) -> Iterator[Concerned]:
    for case in cases:
        schemes: list[tuple[Scheme, ...]] = [(), ()]
        days: list[int | None] = [None, None]
        for number, rules in enumerate(both):
            if kind is RuleKind.ENTITLEMENT:
                of_kind = RulesOfDay(cast("list[RuleOfDay[EntitlementValue]]", rules), elsewhere)
                schemes[number] = entitlement_of(of_kind, case, case.persons, day).schemes
            else:
                basis, lived = case.residence_basis, lives_in.get(case.id)
                limit = limit_of(rules, basis) if lived is None else limit_in(rules, basis, lived)
                days[number] = None if limit is None else limit.days
        if schemes[0] != schemes[1] or days[0] != days[1]:
            yield Concerned(case.id, lives_in.get(case.id), schemes[0], schemes[1], days[0], days[1])


def _homes(act: Act) -> dict[str, Scheme]:
    """Returns, for each registration with a stay, the scheme of the unit in which the client lives."""
    schemes = dict(act.session.exec(select(Unit.id, Unit.scheme)).all())
    stays = act.session.exec(select(Stay).where(Stay.status == StayStatus.IN_HOUSE))
    return {stay.registration_id: Scheme(schemes[stay.unit_id]) for stay in stays if is_readable(stay.unit_id)}
