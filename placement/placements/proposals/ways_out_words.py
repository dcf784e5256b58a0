"""Texts of a proposal's ways out. A way out is a set of changes with which a unit could take the client. It names who
must agree.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from matching import HARD_RULES, Step, WayOut
from placement.accounts.number_changes import Telephones
from placement.placements.proposals.broken_rule_words import safe_facts
from placement.solver.missing_counts import ROOMS, MissingCounts
from placement.text.catalogue import Language, translate
from placement.text.engine_words import FIRST_COUNT, WAIVED, say_step

_BY_HAND = {rule.code for rule in HARD_RULES if not rule.waiver_is_proposed}
"""Rules that only a person may propose to set aside. Earlier versions of the engine proposed to set these rules aside
too.
"""


class RoomFacts(NamedTuple):
    room: str
    persons: int


@dataclass(frozen=True, slots=True)
class ChangeFacts:
    """A change of a way out, as the engine found it, but without references to other clients."""

    rule: str
    what: str
    unit: str
    agree: tuple[str, ...]
    safety: bool
    facts: Mapping[str, object]
    words: str


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    unit: str
    persons: int
    rooms: tuple[RoomFacts, ...]


@dataclass(frozen=True, slots=True)
class WayOutFacts:
    """A minimal set of changes that opens a unit. `loss`: the points that other clients would lose. `displaced`: the
    number of other clients who would lose a place.
    """

    unit: str
    agree: tuple[str, ...]
    changes: tuple[ChangeFacts, ...]
    places: tuple[PlaceFacts, ...]
    loss: int
    displaced: int
    registrations: tuple[str, ...]
    """The registrations that would lose a place and that the reader may see."""


def ring_first(
    missing: MissingCounts, persons: int, numbers: Mapping[str, Telephones], language: Language
) -> list[WayOutFacts]:
    """Returns the simplest ways out: calls to shelters that were never counted. `numbers`: the shelters' telephone
    numbers, by unit.
    """
    found = []
    for unit in missing.open:
        called = next(iter(numbers.get(unit, {}).values()), None)
        facts = {"telephone": called} if called else {}
        words = translate("way_out", FIRST_COUNT, language)
        change = ChangeFacts(ROOMS, FIRST_COUNT, unit, ("shelter",), False, facts, words)
        found.append(WayOutFacts(unit, change.agree, (change,), (PlaceFacts(unit, persons, ()),), 0, 0, ()))
    return found


def is_proposed(way: WayOut) -> bool:
    """Checks whether the service still proposes this way out. Earlier engine versions stored ways out that it no longer
    proposes.
    """
    return not any(step.what == WAIVED and step.rule in _BY_HAND for step in way.changes)


def way_out_words(found: WayOut, seen: Collection[str], language: Language) -> WayOutFacts:
    return WayOutFacts(
        unit=found.unit,
        agree=found.agree,
        changes=tuple(_step(step, language) for step in found.changes),
        places=tuple(
            PlaceFacts(place.unit, place.persons, tuple(RoomFacts(use.room, use.persons) for use in place.rooms))
            for place in found.places
        ),
        loss=found.loss,
        displaced=len(found.displaces),
        registrations=tuple(one for one in found.displaces if one in seen),
    )


def _step(step: Step, language: Language) -> ChangeFacts:
    """Returns a change with its text. The text names no client, even if the rule is `keep_apart` or `together`."""
    facts = {name: fact for name, fact in safe_facts(step.rule, step.facts).items() if name != "registrations"}
    words = say_step(step.rule, step.what, facts, language)
    return ChangeFacts(step.rule, step.what, step.unit, step.agree, step.safety, facts, words)
