"""Search for a place by hand: which units could take the client, and which rules exclude the others.

The search is for a case, or for a household without a case. It uses the same rules, rooms and counts as proposals.
Units whose names the reader may not see are grouped by region and kind. For a group it shows whether a unit could take
the client, and the free beds as they were some time ago.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from matching import BrokenRule, Problem, Room, explain
from placement.access import scoped_queries
from placement.access.need_to_know import sees_by_name
from placement.accounts.number_changes import Telephones
from placement.accounts.organisations import telephones_of_units
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.capacity import elsewhere, place_names
from placement.core.codes import Freshness, Gender, LanguageLevel, ProposalStatus, Scheme
from placement.core.context import Act
from placement.core.occupant_ids import case_of
from placement.core.place_codes import FreeBand, FreeWhen
from placement.placements.proposals import proposals
from placement.placements.proposals.broken_rule_words import BrokenWords, unit_words
from placement.registrations import inference_guard, reads
from placement.registrations.case_summary import Brief, brief_of
from placement.registrations.consent_ground import require_unrestricted
from placement.solver.missing_counts import MissingCounts, missing_counts
from placement.solver.snapshot import PlacesAsked, problem_of_places
from placement.tables import Proposal, Registration
from placement.text.catalogue import Language

SOON = timedelta(days=14)
"""The time within which a bed must become free to be shown as free soon, as on the page of the country."""
OF_NOW = frozenset({"rooms", "high_care"})
"""The rules that depend on who lives in a unit now. They are not shown for other areas, because they would disclose the
free beds of the moment.
"""
ADULT_AGE_ASSUMED = 30
"""The age that is used if the search gives no age. Results of the age rule are then ignored."""


@dataclass(frozen=True, slots=True)
class Household:
    """A household without a case. `gender` and `age`: facts of the first person, `None` if unknown. `girls` and `boys`:
    the ages of the children.
    """

    gender: Gender | None = None
    age: int | None = None
    girls: tuple[int, ...] = ()
    boys: tuple[int, ...] = ()
    languages: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    room_needs: tuple[str, ...] = ()
    free: FreeWhen = FreeWhen.TONIGHT
    empty_room: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """Restrictions of the search. By default the search covers every region, and uses old counts too."""

    region: str | None = None
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Barred:
    """The rules that exclude a unit, and whether the unit could be possible if its beds were counted."""

    broken: tuple[BrokenRule, ...]
    missing: MissingCounts


@dataclass(frozen=True, slots=True)
class FoundUnit:
    """A unit whose name the reader may see."""

    unit: str
    name: str
    shelter_id: str
    shelter: str
    region: str
    scheme: Scheme
    freshness: Freshness
    free_now: int
    empty_rooms: int
    broken: tuple[BrokenWords, ...]
    telephones: Telephones


@dataclass(frozen=True, slots=True)
class FoundKind:
    """Units of a scheme in a region that the reader may not see by name, with or without a free bed now."""

    region: str
    scheme: Scheme
    fits: bool
    free: FreeBand | None
    """The free beds in the group, as a band (`placement/capacity/elsewhere.py`); `None` if not known yet."""
    rules: tuple[str, ...]
    """The rules that exclude these units, the most frequent first."""


@dataclass(frozen=True, slots=True)
class AskedCase:
    """The case for which the search is made, with the summary that lists show."""

    id: str
    brief: Brief | None
    proposal: str | None
    """The id of a proposal that waits for a decision."""
    desk_finds_place: bool
    """True if the inference guard hides all places from this reader."""
    in_search: bool
    """True if the case is readable and a scheme is open to the client. If false, no rule can be checked."""


@dataclass(frozen=True, slots=True)
class PlacesFound:
    case: AskedCase | None
    fit: list[FoundUnit] = field(default_factory=list)
    barred: list[FoundUnit] = field(default_factory=list)
    elsewhere: list[FoundKind] = field(default_factory=list)
    spoken: tuple[str, ...] = ()
    """The languages that staff or interpreters speak in any unit."""


def find_places(
    act: Act, household: Household, narrowed: Filter, registration_id: str | None, language: Language
) -> PlacesFound:
    """Returns the places found, and writes an audit event. Raises `NotFound` for a case that the actor may not
    see, and `Conflict` for a restricted case.
    """
    case = registration_id and reads.registration(act, registration_id)
    audit_log.write(act, Event.COUNTRY_READ, part="places")
    if not case:
        asked_for = problem_of_places(act, None, _rows(act, household))
        return _found(act, asked_for.problem, _fewest(asked_for, household), narrowed, None, language)
    require_unrestricted(case)
    places = problem_of_places(act, case)
    problem = places.problem
    proposal = _waiting_proposal(act, case)
    asked = AskedCase(
        id=case.id,
        brief=brief_of(case, act.day),
        proposal=proposal.id if proposal else None,
        desk_finds_place=not act.actor.covers(case.region)
        or inference_guard.desk_finds_place(act, case.id)
        or inference_guard.shows_unseen(act, problem),
        in_search=bool(problem.registrations),
    )
    if asked.desk_finds_place or not asked.in_search:
        return PlacesFound(asked)
    missing = missing_counts(problem, places.uncounted, case.id)
    barred = {row.unit: Barred(row.broken, missing) for row in explain(problem, case.id).units}
    named = {proposal.unit_id} if proposal else set()
    return _found(act, problem, barred, narrowed, asked, language, named)


def _waiting_proposal(act: Act, case: Registration) -> Proposal | None:
    newest = proposals.newest_of(act, case)
    return newest if newest and newest.status == ProposalStatus.MADE else None


def _rows(act: Act, asked: Household) -> list[dict[str, object]]:
    """Returns rows for the problem: a registration for each gender that the search allows."""
    genders = [asked.gender] if asked.gender else [*Gender]
    children = [*((Gender.FEMALE, age) for age in asked.girls), *((Gender.MALE, age) for age in asked.boys)]
    age = ADULT_AGE_ASSUMED if asked.age is None else asked.age
    needed_by = act.day + (SOON if asked.free is FreeWhen.SOON else timedelta(0))
    return [
        {
            "id": gender.value,
            "persons": [{"gender": sex.value, "age": years} for sex, years in [(gender, age), *children]],
            "schemes": [scheme.value for scheme in Scheme],
            "needed_by": needed_by.isoformat(),
            "languages": [{"code": code, "level": LanguageLevel.FLUENT.value} for code in asked.languages],
            "language_required": bool(asked.languages),
            "needs": list(asked.needs),
            "room_needs": list(asked.room_needs),
            "private_room": asked.empty_room,
        }
        for gender in genders
    ]


def _fewest(places: PlacesAsked, asked: Household) -> dict[str, Barred]:
    """Returns, for each unit, the smallest set of broken rules over all genders. Ignores rules about facts that the
    search does not give.
    """
    passed = {"scheme"}
    passed |= {"age"} if asked.age is None else set()
    passed |= {"rooms"} if asked.free is FreeWhen.ANY else set()
    found: dict[str, Barred] = {}
    for row in places.problem.registrations:
        missing = missing_counts(places.problem, places.uncounted, row.id, passed)
        for unit in explain(places.problem, row.id).units:
            broken = tuple(one for one in unit.broken if one.rule not in passed)
            if unit.unit not in found or len(broken) < len(found[unit.unit].broken):
                found[unit.unit] = Barred(broken, missing)
    return found


def _found(  # noqa: PLR0917  (the parts of a search)
    act: Act,
    problem: Problem,
    barred: Mapping[str, Barred],
    narrowed: Filter,
    case: AskedCase | None,
    language: Language,
    named: Iterable[str | None] = (),
) -> PlacesFound:
    housed = [case_of(one.registration) for room in problem.rooms for one in room.occupants]
    seen = scoped_queries.visible_registrations(act.session, act.actor, housed) if case else set()
    rooms: dict[str, list[Room]] = defaultdict(list)
    for room in problem.rooms:
        rooms[room.unit].append(room)
    places = {row[0].id: row for row in place_names.read_all(act.session)}
    rung = [unit for unit, one in barred.items() if not one.broken or unit in one.missing.open]
    numbers = telephones_of_units(act.session, rung)
    own: list[FoundUnit] = []
    others: dict[tuple[str, Scheme], list[list[str]]] = defaultdict(list)
    bands = elsewhere.bands_of_units(act)
    of_kind: dict[tuple[str, Scheme], FreeBand | None] = {}
    for unit in problem.units:
        (row, location, shelter), free = places[unit.id], _free_now(problem, rooms[unit.id])
        region = location.region.value
        if narrowed.region and narrowed.region != region:
            continue
        if not sees_by_name(act.actor, region, proposed=unit.id in named):
            others[region, row.scheme].append([one.rule for one in barred[unit.id].broken if one.rule not in OF_NOW])
            of_kind[region, row.scheme] = bands.get(unit.id)
            continue
        if narrowed.fresh and Freshness(unit.freshness) is not Freshness.FRESH:
            continue
        own.append(
            FoundUnit(
                unit=unit.id,
                name=row.name,
                shelter_id=shelter.id,
                shelter=shelter.name,
                region=region,
                scheme=row.scheme,
                freshness=Freshness(unit.freshness),
                free_now=sum(room.free_beds for room in free),
                empty_rooms=sum(1 for room in free if not room.occupants),
                broken=unit_words(unit.id, barred[unit.id].broken, barred[unit.id].missing, seen, language),
                telephones=numbers.get(unit.id, {}),
            )
        )
    age_of_count = [*Freshness]
    own.sort(key=lambda one: (len(one.broken), age_of_count.index(one.freshness), -one.free_now, one.unit))
    return PlacesFound(
        case=case,
        fit=[one for one in own if not one.broken],
        barred=[one for one in own if one.broken],
        elsewhere=sorted(
            (_kind(region, scheme, of_kind[region, scheme], units) for (region, scheme), units in others.items()),
            key=lambda one: (not one.fits, one.region, one.scheme),
        ),
        spoken=tuple(sorted({code for unit in problem.units for code in unit.languages + unit.interpreter_languages})),
    )


def _kind(region: str, scheme: Scheme, free: FreeBand | None, units: Sequence[list[str]]) -> FoundKind:
    rules = Counter(rule for broken in units for rule in broken)
    return FoundKind(region, scheme, not all(units), free, tuple(rule for rule, _ in rules.most_common()))


def _free_now(problem: Problem, rooms: Iterable[Room]) -> list[Room]:
    return [room for room in rooms if room.free_beds and room.free_from <= problem.as_of]
