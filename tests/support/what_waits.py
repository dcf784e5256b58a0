"""What is to wait, for whom, and who has which bed: found from the rows of the tables, by no query of the service."""

from collections import Counter, defaultdict
from datetime import date
from itertools import pairwise

from sqlmodel import select

from placement.core.codes import DecisionStatus, HoldStatus, MessageKind, Role, StayStatus
from placement.core.context import SYSTEM
from placement.tables import Account, BedClaim, Decision, Hold, Organisation, Stay, TaskNotice
from placement.tasks.listing import derive, owned
from placement.tasks.queue import queue
from placement.tasks.task import TaskKind
from tests.support.messages import sent

SEARCHES = {TaskKind.SEARCH_AGAIN, TaskKind.URGENT}
_OF_STATES = {TaskKind.DECISION, TaskKind.HOLD, TaskKind.ARRIVAL, TaskKind.LATE, TaskKind.PROVISIONAL}
_AT_MOMENTS = {
    MessageKind.TASK_DUE,
    MessageKind.ARRIVAL_POSTPONED,
    MessageKind.NO_SHOW,
    MessageKind.NO_SHOW_REVERSED,
}
"""Kinds of message of which there can be several about one thing, at different moments."""


def overlaps(town):
    """Beds that two claims have on one day."""
    claims = defaultdict(list)
    for one in town.all(select(BedClaim)):
        if not one.cancelled and one.ends_on != one.starts_on:
            claims[one.bed_id].append((one.starts_on, one.ends_on or date.max, one.registration_id))
    found = []
    for bed, theirs in claims.items():
        theirs.sort()
        found += [(bed, one, other) for one, other in pairwise(theirs) if other[0] < one[1]]
    return found


def beds(town):
    """By client, the holds from which a bed is kept or lived in."""
    found = defaultdict(set)
    for one in town.all(select(BedClaim)):
        if not one.cancelled and one.ends_on is None:
            found[one.registration_id].add(one.hold_id)
    return dict(found)


def twice(names):
    return [name for name, count in Counter(names).items() if count > 1]


def tasks(act):
    return owned(act, derive(act))


def of_states(found):
    """How many tasks there are of each state that waits for a person; one that is late is the same."""
    kinds = {TaskKind.LATE: TaskKind.ARRIVAL}
    return Counter((kinds.get(one.kind, one.kind), one.about) for one in found if one.kind in _OF_STATES)


def wanted(session):
    """One task for each such state."""
    found = Counter()
    for held in session.exec(select(Hold)):
        if held.status is HoldStatus.RESERVED:
            found[TaskKind.DECISION, held.decision_id] += 1
        if held.status is HoldStatus.WAITING_FOR_SHELTER:
            found[TaskKind.HOLD, held.id] += 1
    for stay in session.exec(select(Stay).where(Stay.status == StayStatus.PLANNED)):
        found[TaskKind.ARRIVAL, stay.hold_id] += 1
    for decision in session.exec(select(Decision).where(Decision.status == DecisionStatus.PROVISIONAL)):
        found[TaskKind.PROVISIONAL, decision.id] += 1
    return found


def has_owner(session, one):
    """Whether there is an account with the role and the reach of its owner."""
    shelter_of = {row.id: row.shelter_id for row in session.exec(select(Organisation))}
    for account in session.exec(select(Account).where(Account.disabled_at.is_(None))):
        if account.role is not one.owner.role:
            continue
        reach = one.owner.reach
        if account.role is Role.COORDINATOR and reach not in account.regions:
            continue
        if account.role is Role.SHELTER_STAFF and shelter_of.get(account.organisation_id) != reach:
            continue
        return True
    return False


def untold(act, found):
    """Tasks of which nobody was told."""
    told = set(act.session.exec(select(TaskNotice.once)))
    return [one for one in found if f"{one.task.id(act.session)} new" not in told]


def wrong_on_the_page(town, reader):
    """What is on the first page more than once, or is the reader's and not among what the reader has to do."""
    with town.act(SYSTEM) as act:
        theirs = {
            one.task.key
            for one in tasks(act)
            if one.owner.role is reader.role and one.owner.reach in {None, *reader.regions}
            if one.task.kind is not TaskKind.ARRIVAL and one.task.asked_by != reader.id
        }
    with town.act(reader) as act:
        page = queue(act)
    to_do = [one.task.key for one in page.to_do]
    shown = [*to_do, *(one.task.key for one in page.with_others)]
    arriving = [one.registration for one in page.arrivals]
    return [*twice(shown), *twice(arriving), *(theirs - set(to_do))]


def sent_twice(town):
    """What one account was sent more than once."""
    return twice(
        (
            one.account_id,
            one.webhook_id,
            one.kind,
            str(sorted(one.facts.items())),
            one.made_at if one.kind in _AT_MOMENTS else None,
        )
        for one in sent(town)
    )
