"""Links between registrations, in the engine's form: pairs to keep apart, and groups that must be together."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from sqlmodel import Session, select

from placement.core.codes import Together
from placement.core.occupant_ids import occupant_of
from placement.tables import KeepApart, Registration, StaysWith

_MOST_TOGETHER = 60


def kept_apart(session: Session) -> Sequence[KeepApart]:
    return session.exec(select(KeepApart)).all()


def keep_apart(pairs: Iterable[KeepApart], housed: set[str], movers: Collection[str]) -> dict[str, set[str]]:
    """Returns, for each registration, the registrations from which it is kept apart. Either registration of a pair may
    name the other. If the registration that names the other has a bed, the pair is also added for the other
    registration. For a moving client, a pair is valid at both places.
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


def together(session: Session, waiting: Sequence[Registration], listed: set[str]) -> list[dict[str, object]]:
    """Returns the groups of waiting registrations that are linked, directly or through other registrations. Of the
    registrations that named others, the strictest wish about nearness applies to the whole group. Being together is
    required if any of these registrations requires it. A group that is larger than the engine accepts is left out.
    """
    facts = {registration.id: registration for registration in waiting if registration.id in listed}
    pairs = [pair for pair in session.exec(select(StaysWith)) if {pair.registration_id, pair.other_id} <= facts.keys()]
    group_of = {one: {one} for pair in pairs for one in (pair.registration_id, pair.other_id)}
    for pair in pairs:
        joined = group_of[pair.registration_id] | group_of[pair.other_id]
        group_of |= dict.fromkeys(joined, joined)
    rows = []
    for number, members in enumerate(sorted({tuple(sorted(group)) for group in group_of.values()}), start=1):
        naming = [facts[pair.registration_id] for pair in pairs if pair.registration_id in members]
        if len(members) <= _MOST_TOGETHER:
            rows.append(
                {
                    "id": f"G{number}",  # the id discloses nothing about the members
                    "registrations": list(members),
                    "where": min((one.together_in for one in naming), key=list(Together).index).value,
                    "must": any(one.together_required for one in naming),
                }
            )
    return rows
