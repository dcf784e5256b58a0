"""The register of areas, municipalities and registrants' units. The desk makes entries, changes them from a certain day
on, and ends them. Nothing is deleted. An entry contains only the changed facts. So a change for today does not undo a
change for a later day. The desk cannot make an entry for a day before today.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import cast

from sqlalchemy.exc import IntegrityError

from placement.access.permissions import Permission, needs
from placement.areas.lookup import Place, entries, forget, places_of_day
from placement.areas.values import PlaceValue
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.area_codes import PlaceKind, published_code
from placement.core.codes import OrganisationKind
from placement.core.context import Act
from placement.core.errors import Conflict, Fault, Invalid, NotFound, VersionPassed, existing
from placement.core.name_validation import plain_name
from placement.core.telephone import numbered
from placement.tables import Organisation, PlaceEntry

BY_HAND = "entered by the desk"
_NEEDED_OF_PARTNER = ("partner", "partner_telephone")
_OF_PARTNER = (*_NEEDED_OF_PARTNER, "partner_does")
_NUMBERS = frozenset({"telephone", "partner_telephone"})


@dataclass(frozen=True, slots=True)
class Listed:
    """A municipality in a published list."""

    code: str
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Imported:
    """The numbers of municipalities that an import made, changed, ended and left unchanged."""

    made: int
    changed: int
    ended: int
    unchanged: int


def place(act: Act, kind: PlaceKind, code: str, day: date) -> Place[PlaceValue]:
    """Returns a place with its facts on this day. Raises `NotFound` if no such place exists on this day."""
    return existing(places_of_day(entries(act.session, kind, code), day).get(code))


def history(act: Act, kind: PlaceKind, code: str) -> Sequence[PlaceEntry]:
    """Returns every entry about a place, newest first. Raises `NotFound` if the place is unknown."""
    found = entries(act.session, kind, code)
    if not found:
        raise NotFound
    return found[::-1]


@needs(Permission.AREA_CHANGE)
def make(  # noqa: PLR0917 - what is made, whole
    act: Act, kind: PlaceKind, code: str, facts: Mapping[str, object], since: date, until: date | None
) -> None:
    """Makes a place. Raises `Conflict` if its code is already used, and `Invalid` if its facts are wrong."""
    if entries(act.session, kind, code):
        raise Conflict("place_code_taken", found=code)
    facts = _with_numbers(facts, {})
    _require_sound(act, kind, facts, since, until)
    _enter(act, kind, code, 1, facts, since, until)


@needs(Permission.AREA_CHANGE)
def change(  # noqa: PLR0917 - what is changed, whole
    act: Act, kind: PlaceKind, code: str, version: int, facts: Mapping[str, object], since: date, until: date | None
) -> None:
    """Changes those facts that differ, from a day on. `until`: the day on which the place ends. Raises `NotFound` if
    the place is unknown, and `VersionPassed` if `version` is not the newest. Raises `Conflict` if nothing would change.
    """
    known = entries(act.session, kind, code)
    if not known:
        raise NotFound
    newest = known[-1].number
    if version != newest:
        raise VersionPassed("version_passed", given=version, newest=newest)
    _require_sound(act, kind, facts, since, until)
    then = places_of_day(known, since).get(code)
    if then is None:
        raise Invalid.at("since", "place_not_begun", day=since.isoformat())
    before = then.value.model_dump(mode="json")
    facts = _with_numbers(facts, before)
    differs = {name: value for name, value in facts.items() if before.get(name) != value}
    if not differs and until is None:
        raise Conflict("place_unchanged")
    _enter(act, kind, code, newest + 1, differs, since, until)


@needs(Permission.AREA_CHANGE)
def take_list(
    act: Act, listed: Sequence[Listed], source: str, listed_on: date, since: date, *, rehearsed: bool
) -> Imported:
    """Imports a published list of municipalities, which is valid from the day `since`. A municipality that is not in
    the list ends on that day. A municipality that had ended exists again if it is in the list. A second import of the
    same list changes nothing. If `rehearsed` is true, only counts the changes.
    """
    _require_period(act, since, None)
    found = entries(act.session, PlaceKind.MUNICIPALITY)
    numbers = {entry.code: entry.number for entry in found}
    listed = [replace(one, code=published_code(one.code, numbers)) for one in listed]
    counted = Counter(one.code for one in listed)
    if doubled := sorted(code for code, times in counted.items() if times > 1):
        raise Invalid.at("items", "listed_twice", found=doubled)
    units = {str(one.facts["police_unit"]) for one in listed if one.facts.get("police_unit")}
    if faults := _unknown(act, PlaceKind.REGISTRANT_UNIT, "items", sorted(units)):
        raise Invalid(faults)
    known = places_of_day(found, since)
    wanted = {one.code: {**one.facts, "ended": False} for one in listed}
    wanted |= {code: {"ended": True} for code, one in known.items() if code not in wanted and not one.value.ended}
    counts = dict.fromkeys(("made", "changed", "ended", "unchanged"), 0)
    for code, facts in wanted.items():
        before = known[code].value.model_dump(mode="json") if code in known else {}
        differs = {name: value for name, value in facts.items() if before.get(name) != value}
        how = "made" if code not in numbers else "ended" if facts["ended"] else "changed" if differs else "unchanged"
        counts[how] += 1
        if how != "unchanged" and not rehearsed:
            act.session.add(_entry(act, code, numbers.get(code, 0) + 1, differs, since, source, listed_on))
    act.session.flush()
    forget(act.session)
    event = Event.MUNICIPALITIES_TRIED if rehearsed else Event.MUNICIPALITIES_LISTED
    audit_log.write(act, event, listed_on=listed_on.isoformat(), counts=counts)
    return Imported(**counts)


def _entry(  # noqa: PLR0917 - the columns
    act: Act, code: str, number: int, facts: Mapping[str, object], since: date, source: str, listed_on: date | None
) -> PlaceEntry:
    return PlaceEntry(
        kind=PlaceKind.MUNICIPALITY,
        code=code,
        number=number,
        facts=dict(facts),
        valid_from=since,
        source=source,
        listed_on=listed_on,
        set_by=act.actor.id,
        set_at=act.at,
    )


def _enter(  # noqa: PLR0917 - what is entered, whole
    act: Act, kind: PlaceKind, code: str, number: int, facts: Mapping[str, object], since: date, until: date | None
) -> None:
    steps = [(since, facts)] if facts else []
    steps += [(until, {"ended": True})] if until is not None else []
    for more, (day, step) in enumerate(steps):
        act.session.add(
            PlaceEntry(
                kind=kind,
                code=code,
                number=number + more,
                facts=dict(step),
                valid_from=day,
                source=BY_HAND,
                set_by=act.actor.id,
                set_at=act.at,
            )
        )
    try:
        act.session.flush()
    except IntegrityError as error:  # only the first of two simultaneous entries gets the number
        raise VersionPassed("version_passed", given=number - 1, newest=number) from error
    forget(act.session)
    audit_log.write(
        act,
        Event.AREAS_CHANGED,
        subject=code,
        kind=kind.value,
        version=number + len(steps) - 1,
        fields=sorted(facts),
        since=since.isoformat(),
        until=until.isoformat() if until else None,
        coordinated_by=facts.get("coordinated_by"),
    )


def _require_sound(act: Act, kind: PlaceKind, facts: Mapping[str, object], since: date, until: date | None) -> None:
    _require_period(act, since, until)
    if "name" in facts:
        plain_name(str(facts["name"]))
    faults = []
    if kind is PlaceKind.AREA:
        faults += _unknown(
            act, PlaceKind.MUNICIPALITY, "municipalities", cast("list[str]", facts.get("municipalities") or [])
        )
        coordinators = cast("list[str]", facts.get("coordinated_by") or [])
        faults += _of_another_kind(act, "coordinated_by", coordinators, OrganisationKind.CARE_COORDINATION)
        low, high = (cast("int | None", facts.get(name)) for name in ("age_from", "age_until"))
        if low is not None and high is not None and high <= low:
            faults.append(Fault("age_until", "ages_reversed"))
    if kind is PlaceKind.MUNICIPALITY and facts.get("police_unit"):
        faults += _unknown(act, PlaceKind.REGISTRANT_UNIT, "police_unit", [str(facts["police_unit"])])
    if kind is PlaceKind.REGISTRANT_UNIT and facts.get("region"):
        faults += _unknown(act, PlaceKind.AREA, "region", [str(facts["region"])])
    if kind is PlaceKind.REGISTRANT_UNIT and facts.get("organisation"):
        faults += _of_another_kind(act, "organisation", [str(facts["organisation"])], OrganisationKind.REGISTRANT)
    if faults:
        raise Invalid(faults)


def _with_numbers(facts: Mapping[str, object], before: Mapping[str, object]) -> Mapping[str, object]:
    """Returns the facts for storing, without `sure_of` (see `numbered`). Telephone numbers are brought into their
    stored form. Raises `Invalid` for a wrong or doubtful number, and for a partner without a name or a number.
    """
    kept = {name: value for name, value in facts.items() if name != "sure_of"}
    sure = [*cast("Sequence[str]", facts.get("sure_of") or ()), *(str(before.get(name) or "") for name in _NUMBERS)]
    faults = []
    for name in _NUMBERS & kept.keys():
        kept[name], wrong = numbered(name, cast("str | None", kept[name]), sure)
        faults += wrong
    if not faults and not kept.keys().isdisjoint(_OF_PARTNER):
        now = {**before, **kept}
        named = [name for name in _OF_PARTNER if now.get(name)]
        faults = [Fault(name, "missing") for name in _NEEDED_OF_PARTNER if named and name not in named]
    if faults:
        raise Invalid(faults)
    return kept


def _require_period(act: Act, since: date, until: date | None) -> None:
    if since < act.day:
        raise Invalid.at("since", "rule_day_passed", day=since.isoformat())
    if until is not None and until <= since:
        raise Invalid.at("until", "ends_before_it_begins")


def _unknown(act: Act, kind: PlaceKind, where: str, codes: Collection[str]) -> list[Fault]:
    known = {entry.code for entry in entries(act.session, kind)}
    return [Fault(where, "entry_unknown", {"found": code, "kind": kind.value}) for code in codes if code not in known]


def _of_another_kind(act: Act, where: str, organisations: Collection[str], kind: OrganisationKind) -> list[Fault]:
    code = "no_care_coordination" if kind is OrganisationKind.CARE_COORDINATION else "no_registrant"
    found = {one: act.session.get(Organisation, one) for one in organisations}
    return [Fault(where, code, {"found": one}) for one, row in found.items() if row is None or row.kind is not kind]
