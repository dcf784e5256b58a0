"""Links between two registrations, and mergers. A user records a link after comparing both registrations."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from placement.access import case_access, scoped_queries
from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.clock import AMSTERDAM
from placement.core.codes import RegistrationStatus
from placement.core.context import Act
from placement.core.errors import Conflict, Invalid, Telling
from placement.core.link_codes import LinkKind
from placement.lifecycles.machine import require
from placement.lifecycles.moves import RegistrationMove
from placement.outbox.announcements import announce_closing
from placement.registrations import duplicates
from placement.registrations.case_list import waits_since
from placement.registrations.case_lookup import case_named
from placement.registrations.registrations import close_with
from placement.registrations.related_cases import all_named_by, require_not_apart
from placement.storage.locks import Shared, lock
from placement.tables import Registration, Threat

SAID_BY_USERS = (LinkKind.SAME_CLIENT, LinkKind.RELATED, LinkKind.DIFFERENT)
DUPLICATE = "duplicate_registration"


@dataclass(frozen=True, slots=True)
class Linked:
    """A link in the form that a reader of either case sees. `other`: the other case, or `None` if the actor may not see
    it. Such a link is shown only if it is a merger or a question to the desk.
    """

    other: Registration | None
    kind: LinkKind
    into: bool
    """True if the merger closed the case whose links are shown."""
    at: datetime
    by: str


@needs(Permission.REGISTRATION_READ)
def links(act: Act, registration_id: str) -> list[Linked]:
    """Returns the links of this case, newest first. If the actor may not see the other case, only a merger into that
    case or a question to the desk is returned.
    """
    registration = scoped_queries.registration_of(act.session, act.actor, registration_id)
    found = []
    for row in duplicates.links_of(act, registration.id):
        said = row.content
        other = act.session.get(Registration, said.other_than(registration.id))
        is_seen = other is not None and act.actor.covers(other.region)
        into = said.one == registration.id
        if is_seen or (into and said.kind in {LinkKind.ASKED, LinkKind.MERGED}):
            found.append(Linked(other if is_seen else None, said.kind, into, said.at, said.by))
    return found


@needs(Permission.REGISTRATION_READ)
def compared(act: Act, registration_id: str) -> tuple[duplicates.Found, list[Linked]]:
    """Returns the similar registrations and the links of a case. A single audit event names all these cases."""
    said = links(act, registration_id)
    named = [one.other.id for one in said if one.other is not None]
    return duplicates.alike_of(act, registration_id, also=named), said


@needs(Permission.REGISTRATION_LINK)
def link(
    act: Act, registration_id: str, said: str, kind: LinkKind, *, replaces: LinkKind | None = None
) -> Registration:
    """Records the relation of a case to another case. `said`: the reference or handle of the other case. An earlier
    relation by the same user is replaced. A relation by another user is replaced only if `replaces` is its kind.
    Raises `Conflict`:
    - if another user recorded a relation that is not replaced;
    - after a merger;
    - for *same client* if the two cases are kept apart.
    """
    if kind not in SAID_BY_USERS:
        raise Invalid.at("kind", "link_kind", allowed=list(SAID_BY_USERS))
    registration, other = _pair(act, registration_id, said)
    if kind is LinkKind.SAME_CLIENT:
        require_not_apart(act, registration.id, other.id)
    _replace(act, registration, other, kind, {kind, replaces})
    audit_log.write(act, Event.REGISTRATION_LINKED, registration=registration.id, other=other.id, kind=kind)
    return registration


@needs(Permission.REGISTRATION_LINK)
def merge(
    act: Act, registration_id: str, into: str, *, replaces: LinkKind | None = None, confirm: bool = False
) -> Registration:
    """Closes a case as a duplicate of another case, which continues. Both cases keep their history. `into`: the
    reference or handle of the other case. `replaces`: as in `link`. `confirm`: true to merge although safety facts are
    lost.
    Raises `Conflict`:
    - if the first case has a place, or the second case is inactive;
    - if the two cases are kept apart;
    - if both cases wait and the second case is the later case: the client must keep the waiting time;
    - if another user recorded a different relation meanwhile.
    Raises `Invalid` for `confirm` if only the first case contains a certain safety fact, such as a danger.
    """
    registration, other = _pair(act, registration_id, into)
    require(registration, RegistrationMove.CLOSE)
    if other.status.is_unregistered or other.status is RegistrationStatus.CLOSED:
        raise Conflict("merge_into_inactive", status=other.status.value)
    both_wait = RegistrationStatus.OPEN is other.status is registration.status
    if both_wait and waits_since(registration) < waits_since(other):
        raise Conflict("merge_into_earlier")
    require_not_apart(act, registration.id, other.id)
    if not confirm and (lost := _known_alone(act, registration, other)):
        raise Telling.at("confirm", "known_here_alone", lost=lost)
    _replace(act, registration, other, LinkKind.MERGED, {LinkKind.SAME_CLIENT, replaces})
    close_with(act, registration, DUPLICATE, RegistrationMove.CLOSE)
    announce_closing(act, registration)
    audit_log.write(act, Event.REGISTRATION_MERGED, registration=registration.id, other=other.id)
    return registration


def _known_alone(act: Act, registration: Registration, other: Registration) -> list[str]:
    """Returns the names of safety facts that only the first case contains. If the actor may not open the other case, it
    is treated as empty, so that nothing is disclosed.
    """
    shown = not case_access.is_closed_to(act.session, act.actor, other)
    threats = other.threats if shown else []
    avoided = {(one.kind, one.target) for one in other.avoidances if shown and one.lifted_at is None}
    apart = {*all_named_by(act, other.id).keep_apart} if shown else set()
    alone = {
        "threats": any(not any(_covers(there, here) for there in threats) for here in registration.threats),
        "avoided": any(
            one.lifted_at is None and (one.kind, one.target) not in avoided for one in registration.avoidances
        ),
        "keep_apart": not apart.issuperset(all_named_by(act, registration.id).keep_apart),
    }
    return [name for name, is_alone in alone.items() if is_alone]


def _covers(there: Threat, here: Threat) -> bool:
    """Checks whether the danger `there` includes the danger `here`: it has the same point, and at least the same
    distance.
    """
    same = all(there.point[axis] == here.point[axis] for axis in ("lat", "lon"))
    return same and there.min_km >= here.min_km


def _pair(act: Act, registration_id: str, said: str) -> tuple[Registration, Registration]:
    """Returns the case `registration_id`, locked, and the other case, which is only read. The actor must be able to see
    the other case in lists. Raises `Conflict` if the content of either case was erased.
    """
    registration = scoped_queries.registration_of(act.session, act.actor, registration_id, lock=True)
    lock(act.session, Shared.LINKS)
    other_id = case_named(act, "other", said, but=registration.id)
    other = scoped_queries.known_registration(act.session, act.actor, other_id)
    if erased := [one.id for one in (registration, other) if one.content_erased_at is not None]:
        raise Conflict("case_erased", registrations=erased)  # without content, no later erasure would delete the link
    return registration, other


def _replace(
    act: Act, one: Registration, other: Registration, kind: LinkKind, known: Collection[LinkKind | None]
) -> None:
    """Replaces the earlier links of the two cases by a new link. `known`: the kinds that may be replaced although
    another user recorded them. Raises `Conflict` after a merger, or for another user's link of another kind.
    """
    for row in duplicates.links_of(act, one.id):
        said = row.content
        if said.names(other.id):
            if said.kind is LinkKind.MERGED:
                raise Conflict("already_merged")
            if said.kind not in {LinkKind.ASKED, *known} and said.by != act.actor.id:
                raise Conflict("linked_otherwise", kind=said.kind, at=f"{said.at.astimezone(AMSTERDAM):%d-%m %H:%M}")
            act.session.delete(row)
    act.session.flush()
    duplicates.add(act, one.id, other.id, kind)
