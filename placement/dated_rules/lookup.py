"""Look-up of the rules that are valid on a day: today, or any past or future day."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Generic, TypeVar, cast

from sqlmodel import Session, col

from placement.core.codes import ResidenceBasis, Scheme
from placement.core.errors import Conflict
from placement.core.read_ahead import Rows, rows_of
from placement.core.rule_codes import RuleKind
from placement.dated_rules.values import (
    EntitlementValue,
    ReasonValue,
    SafetyDistanceValue,
    StayLimitValue,
    Value,
    value_of,
)
from placement.tables import DatedRule

AnyValue = TypeVar("AnyValue", bound=Value)
_READ = "dated rules"
BESIDE = (RuleKind.ENTITLEMENT, RuleKind.STAY_LIMIT)
"""The kinds that are read together, because a check of a client's place needs both."""


@dataclass(frozen=True, slots=True)
class RuleOfDay(Generic[AnyValue]):
    """A rule that is valid on the given day. `until`: the next day on which it changes or ends, as known today."""

    row: DatedRule
    value: AnyValue
    until: date | None


def granted(session: Session, kind: RuleKind) -> list[DatedRule]:
    """Returns every granted statement of this kind, in the order of granting. A statement sets, changes or ends a rule
    from a day on. The statements are cached during the transaction; the kinds in `BESIDE` are read together. Call
    `forget` after granting a statement.
    """
    read: dict[RuleKind, list[DatedRule]] = session.info.setdefault(_READ, {})
    if kind not in read:
        kinds = BESIDE if kind in BESIDE else (kind,)
        found = sorted(rows_of(session, statements_of(*kinds)), key=lambda row: (row.number, row.id))
        read |= {one: [row for row in found if row.kind is one] for one in kinds}
    return list(read[kind])


@cache
def statements_of(*kinds: RuleKind) -> Rows[DatedRule]:
    """Returns the query for all statements of these kinds. The query is cached, because rows that were read ahead are
    found only with the same query object (`core/read_ahead.py`).
    """
    return Rows(DatedRule, col(DatedRule.kind).in_(kinds))


def forget(session: Session) -> None:
    """Clears the cached statements, so that the next look-up reads them again. Called after a statement was granted."""
    session.info.pop(_READ, None)


def rules_of_day(statements: Sequence[DatedRule], day: date) -> list[RuleOfDay[Value]]:
    """Returns the rules that are valid on this day, in order. `statements`: all of a kind, in the order of granting."""
    by_code: dict[str, list[DatedRule]] = {}
    for row in statements:
        by_code.setdefault(row.code, []).append(row)
    found = [rule for rows in by_code.values() if (rule := _of_day(rows, day)) is not None]
    return sorted(found, key=lambda rule: (rule.row.place, rule.row.code))


def entitlement_rules(session: Session, day: date) -> list[RuleOfDay[EntitlementValue]]:
    return cast("list[RuleOfDay[EntitlementValue]]", rules_of_day(granted(session, RuleKind.ENTITLEMENT), day))


def reason_rules(session: Session, day: date) -> list[RuleOfDay[ReasonValue]]:
    return cast("list[RuleOfDay[ReasonValue]]", rules_of_day(granted(session, RuleKind.REASON), day))


def stay_limit(session: Session, basis: ResidenceBasis, day: date) -> timedelta:
    """Returns the limit of a stay that begins on this day. Raises `Conflict` if no rule of this day sets a limit."""
    limit = limit_of(stay_limit_rules(session, day), basis)
    if limit is None:
        raise Conflict("no_rule_of_day", kind=RuleKind.STAY_LIMIT.value, day=day.isoformat())
    return limit


def limit_of(rules: Sequence[RuleOfDay[Value]], basis: ResidenceBasis) -> timedelta | None:
    """Returns the longest duration of a whole stay, by the first rule for this basis of residence. Returns `None` if no
    rule limits the whole stay on this basis.
    """
    limits = (limit for limit in _limits(rules) if limit.schemes is None)
    return next((timedelta(days=limit.days) for limit in limits if basis in limit.bases), None)


def limit_in(rules: Sequence[RuleOfDay[Value]], basis: ResidenceBasis, scheme: Scheme) -> timedelta | None:
    """Returns the longest duration of a stay in places of this scheme, by the first rule for this basis of residence.
    Returns `None` if no rule sets a limit for this scheme and basis.
    """
    limits = (limit for limit in _limits(rules) if limit.schemes is not None and scheme in limit.schemes)
    return next((timedelta(days=limit.days) for limit in limits if basis in limit.bases), None)


def stay_limit_rules(session: Session, day: date) -> list[RuleOfDay[Value]]:
    return rules_of_day(granted(session, RuleKind.STAY_LIMIT), day)


def _limits(rules: Sequence[RuleOfDay[Value]]) -> Iterator[StayLimitValue]:
    return (rule.value for rule in rules if isinstance(rule.value, StayLimitValue))


def safety_km(session: Session, day: date) -> int:
    """Returns the distance in km for a danger point without a distance. Raises `Conflict` without a rule."""
    for rule in rules_of_day(granted(session, RuleKind.SAFETY_DISTANCE), day):
        if isinstance(rule.value, SafetyDistanceValue):
            return rule.value.km
    raise Conflict("no_rule_of_day", kind=RuleKind.SAFETY_DISTANCE.value, day=day.isoformat())


def _of_day(statements: Sequence[DatedRule], day: date) -> RuleOfDay[Value] | None:
    """Returns the rule that is valid on this day; `None` without a valid rule. `statements`: all statements of a single
    code. The last statement that covers the day applies. A statement without a value ends the rule.
    """
    later: list[DatedRule] = []
    for row in reversed(statements):
        if not _covers(row, day):
            later.append(row)
        elif row.value is None:
            return None
        else:
            turns = (row.valid_until, *(one.valid_from for one in later))
            until = min((turn for turn in turns if turn and turn > day), default=None)
            return RuleOfDay(row, value_of(row.kind, row.value), until)
    return None


def _covers(row: DatedRule, day: date) -> bool:
    return (row.valid_from is None or row.valid_from <= day) and (row.valid_until is None or day < row.valid_until)
