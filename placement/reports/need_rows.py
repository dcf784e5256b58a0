"""The counts of a day for the ledger of need. They are made from the rows of the day's report, the waiting cases and
the events of the day before. They contain codes and numbers, and no id of a case.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import timedelta

from sqlmodel import Session, col, select

from placement.core.clock import day_of
from placement.core.codes import Freshness
from placement.core.need_codes import Dimension, part_of_country
from placement.core.place_codes import NEVER_REPORTED
from placement.needs.groups import band_of, groups_of, shape_of
from placement.registrations.case_list import waits_since
from placement.registrations.obstacles import noted
from placement.reports.causes import NO_SCHEME, UNKNOWN, BlockingCauses
from placement.reports.collect import NONE_NAMED, active_at, claims_at
from placement.reports.inputs import Rows, Span, UnitRow
from placement.reports.missing_clients import is_away
from placement.reports.model import Kind
from placement.reports.sections.clocks import is_past
from placement.reports.sections.events import Event, events_of
from placement.reports.sections.kinds import is_of, unit_is_of
from placement.tables import Registration
from placement.tables.need import GroupCounts, LengthOfStay, MorePlaces, Needs, PlacesOfKind, WaitingGroup

_Group = tuple[Dimension, str]
_DAY = timedelta(days=1)
ROOM_FOR_FAMILY = "room_4"
_BY_REASON = {
    "refusal_reasons": "refused",
    "decline_reasons": "declined",
    "override_reasons": "overrides",
}
"""The field of the ledger for each group of reasons of the report."""


def needs_of_day(session: Session, rows: Rows, causes: BlockingCauses | None) -> Needs:
    """Returns the counts of the report's day. `causes`: the engine's answer; `None` if the report is late."""
    waiting = _waiting_cases(session, rows)
    happened = list(events_of(session, (rows.on - _DAY, rows.on)))
    more = causes.needs.more if causes and causes.needs else None
    return Needs(
        late=int(causes is None),
        solved=int(more is not None),
        waiting=_waiting(waiting, rows, causes),
        places=[_places(kind, rows, happened) for kind in Kind],
        groups=_groups(session, waiting, rows, happened, causes),
        more=_more(rows, causes),
        lengths=_lengths(rows.spans),
    )


def _waiting_cases(session: Session, rows: Rows) -> list[Registration]:
    claimed = {claim.registration_id for claim in claims_at(session, rows.as_of)}
    return [one for one in active_at(session, rows.as_of) if one.id not in claimed and not is_away(one, rows.as_of)]


def _waiting(cases: Iterable[Registration], rows: Rows, causes: BlockingCauses | None) -> list[WaitingGroup]:
    households: Counter[tuple[str, ...]] = Counter()
    persons: Counter[tuple[str, ...]] = Counter()
    new: Counter[tuple[str, ...]] = Counter()
    for one in cases:
        people = one.known("persons") or []
        key = (
            _scheme(one, causes),
            part_of_country(one.region).value,
            shape_of(people, day_of(rows.as_of)).value,
            _cause(one, causes),
            band_of((rows.as_of - waits_since(one)).days).value,
        )
        households[key] += 1
        persons[key] += len(people)
        new[key] += _is_new(one, rows)
    return [
        WaitingGroup(
            scheme=key[0],
            region=key[1],
            shape=key[2],
            cause=key[3],
            waited=key[4],
            households=count,
            persons=persons[key],
            new=new[key],
        )
        for key, count in sorted(households.items())
    ]


def _is_new(case: Registration, rows: Rows) -> bool:
    return rows.as_of - waits_since(case) < _DAY


def _scheme(case: Registration, causes: BlockingCauses | None) -> str:
    schemes = causes.needs.schemes if causes and causes.needs else None
    return UNKNOWN if schemes is None else schemes.get(case.id, NO_SCHEME)


def _cause(case: Registration, causes: BlockingCauses | None) -> str:
    """Returns the kind of the smallest way out. Returns the blocking cause if no way out is known, or if the cause is
    `never_reported`.
    """
    if causes is None:
        return UNKNOWN
    smallest = causes.needs.smallest if causes.needs else {}
    cause = causes.causes.get(case.id, NO_SCHEME)
    return cause if cause == NEVER_REPORTED else smallest.get(case.id, cause)


def _places(kind: Kind, rows: Rows, happened: Iterable[Event]) -> PlacesOfKind:
    fresh = {shelter.shelter: shelter.freshness for shelter in rows.shelters}
    rooms = [(fresh.get(unit.shelter), room) for unit in rows.units for room in unit.rooms if is_of(kind, unit, room)]
    units = {unit.unit for unit in rows.units if unit_is_of(kind, unit)}
    refused = Counter(
        key[1] for event in happened for key in event.keys if key[0] == "refusal_reasons" and event.units & units
    )
    return PlacesOfKind(
        kind=kind,
        beds=sum(room.beds for _, room in rooms),
        free=sum(room.free for _, room in rooms),
        unknown=sum(room.beds for freshness, room in rooms if freshness in {None, Freshness.NEVER}),
        stale=sum(room.beds for freshness, room in rooms if freshness == Freshness.STALE),
        refused=dict(refused),
    )


def _groups(
    session: Session,
    waiting: Iterable[Registration],
    rows: Rows,
    happened: Iterable[Event],
    causes: BlockingCauses | None,
) -> list[GroupCounts]:
    counted: defaultdict[_Group, Counter[str]] = defaultdict(Counter)
    reasons: defaultdict[_Group, defaultdict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for case in waiting:
        own = {Dimension.CAUSE: _cause(case, causes), Dimension.SCHEME: _scheme(case, causes)}
        if (obstacle := noted(case, rows.on)) is not None:
            own[Dimension.NOTED] = obstacle
        for group in (own | groups_of(case, rows.on)).items():
            counted[group].update(waiting=1, new=int(_is_new(case, rows)))
    for stay in rows.stays:
        if is_past(stay) and stay.blocker != NONE_NAMED:
            counted[Dimension.BLOCKER, stay.blocker].update(waiting=1)
    told = [event for event in happened if event.case is not None]
    named = col(Registration.id).in_({str(event.case) for event in told})
    cases = {case.id: case for case in session.exec(select(Registration).where(named))}
    for event in told:
        for group in groups_of(cases.get(str(event.case)), rows.on).items():
            counted[group]["decisions"] += ("decisions",) in event.keys
            for key in event.keys:
                if key[0] in _BY_REASON:
                    reasons[group][_BY_REASON[key[0]]][key[1]] += 1
    return [
        GroupCounts(
            dimension=group[0],
            code=group[1],
            most=counted[group]["waiting"],
            **{name: counted[group][name] for name in ("waiting", "new", "decisions")},
            **{name: dict(reasons[group][name]) for name in _BY_REASON.values()},
        )
        for group in sorted(counted.keys() | reasons.keys())
    ]


def _more(rows: Rows, causes: BlockingCauses | None) -> list[MorePlaces]:
    units: Mapping[str, UnitRow] = {unit.unit: unit for unit in rows.units}
    found = (causes.needs.more if causes and causes.needs else None) or ()
    return [
        MorePlaces(
            place=f"{row.unit} {row.extra}",
            region=part_of_country(unit.region),
            scheme=unit.scheme,
            kinds=kinds,
            with_one=row.with_one,
            with_two=row.with_two,
        )
        for row in found
        if (unit := units.get(row.unit)) is not None and (kinds := _kinds_of(unit, row.extra))
    ]


def _kinds_of(unit: UnitRow, extra: str) -> list[str]:
    """Returns the kinds of place of a new room in this unit. A family room has four beds, and is not accessible."""
    if extra == ROOM_FOR_FAMILY:
        return [Kind.FAMILIES.value] if unit_is_of(Kind.FAMILIES, unit) else []
    kinds = set(Kind) - {Kind.FAMILIES, Kind.ACCESSIBLE}
    return sorted(kind.value for kind in kinds if unit_is_of(kind, unit))


def _lengths(spans: Iterable[Span]) -> list[LengthOfStay]:
    lived: Counter[str] = Counter()
    ended: Counter[str] = Counter()
    for span in spans:
        lived[span.scheme] += (span.days - span.known_from) * span.count
        ended[span.scheme] += span.count if span.ended else 0
    return [LengthOfStay(scheme=scheme, lived=days, ended=ended[scheme]) for scheme, days in sorted(lived.items())]
