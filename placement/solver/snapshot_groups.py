"""Links between registrations, in the engine's form: pairs to keep apart, and groups that must be together."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlmodel import Session, select

from placement.core.codes import Together
from placement.core.occupant_ids import occupant_of
from placement.tables import KeepApart, Registration, StaysWith

MOST_TOGETHER = 60
"""The largest number of registrations in a group of the engine's format."""


def kept_apart(session: Session) -> Sequence[KeepApart]:
    return session.exec(select(KeepApart)).all()


def keep_apart(pairs: Iterable[KeepApart], housed: set[str], movers: Collection[str]) -> dict[str, set[str]]:
    """Returns, for each registration, the registrations from which it is kept apart. A pair is listed only with its
    first registration. If the first registration has a bed, the pair is also listed with the second. A moving client
    has two ids, for the new place and for the old bed (`occupant_of`); the pair is listed for both ids.
    """
    apart: dict[str, set[str]] = defaultdict(set)
    for pair in pairs:
        apart[pair.registration_id].add(pair.other_id)
        if pair.registration_id in housed:
            apart[pair.other_id].add(pair.registration_id)
        for one, other in ((pair.registration_id, pair.other_id), (pair.other_id, pair.registration_id)):
            if one in movers:
                apart[other].add(occupant_of(one))
    return apart


@dataclass(frozen=True, slots=True)
class LinkedGroup:
    """Registrations that are linked, directly or through other registrations, and how near they must be."""

    registrations: tuple[str, ...]
    where: Together
    must: bool

    @property
    def is_too_large(self) -> bool:
        """True if the group is larger than the engine's format allows."""
        return len(self.registrations) > MOST_TOGETHER


def linked(session: Session, waiting: Iterable[Registration]) -> list[LinkedGroup]:
    """Returns the groups of linked registrations. If the registrations of a group have different wishes about nearness,
    the strictest wish applies to the group. The group must be together if any registration requires it.
    """
    facts = {registration.id: registration for registration in waiting}
    pairs = [pair for pair in session.exec(select(StaysWith)) if {pair.registration_id, pair.other_id} <= facts.keys()]
    group_of = {one: {one} for pair in pairs for one in (pair.registration_id, pair.other_id)}
    for pair in pairs:
        joined = group_of[pair.registration_id] | group_of[pair.other_id]
        group_of |= dict.fromkeys(joined, joined)
    found = []
    for members in sorted({tuple(sorted(group)) for group in group_of.values()}):
        naming = [facts[pair.registration_id] for pair in pairs if pair.registration_id in members]
        where = min((one.together_in for one in naming), key=list(Together).index)
        found.append(LinkedGroup(members, where, any(one.together_required for one in naming)))
    return found


def together(session: Session, waiting: Sequence[Registration], listed: set[str]) -> list[dict[str, object]]:
    """Returns the groups of `linked` in the engine's format. Leaves out a group that is larger than the engine accepts;
    a plan for an event splits such a group. `listed`: the ids of the registrations in the problem.
    """
    groups = linked(session, (one for one in waiting if one.id in listed))
    return [
        {
            "id": f"G{number}",  # the id discloses nothing about the members
            "registrations": list(group.registrations),
            "where": group.where.value,
            "must": group.must,
        }
        for number, group in enumerate(groups, start=1)
        if not group.is_too_large
    ]
