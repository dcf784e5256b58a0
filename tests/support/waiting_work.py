"""Waiting work, its owners, and the beds of clients: found from the rows of the tables, by no query of the service."""

from collections import Counter, defaultdict
from datetime import date, datetime, time, timedelta
from itertools import pairwise

import pytest
from sqlmodel import col, select

from placement.core.clock import AMSTERDAM
from placement.core.codes import Channel, DecisionStatus, HoldStatus, MessageKind, Role, StayStatus, Urgency
from placement.core.context import SYSTEM
from placement.core.notice_codes import NoticeMark
from placement.core.place_codes import PlaceStatus
from placement.core.setting_parts import Smtp
from placement.notifications import emails, task_notices
from placement.tables import (
    Account,
    Bed,
    BedClaim,
    Decision,
    Hold,
    Location,
    Organisation,
    Room,
    Shelter,
    Stay,
    TaskNotice,
    Unit,
)
from placement.tasks import listing
from placement.tasks.queue import queue
from placement.tasks.task import TaskKind
from tests.support.messages import sent

SERVER = Smtp("mail.example", 587, "starttls", "dienst@placement.example")
SEARCHES = {TaskKind.SEARCH_AGAIN, TaskKind.URGENT, TaskKind.STILL_WAITING}
_OF_STATES = {
    TaskKind.DECISION,
    TaskKind.HOLD,
    TaskKind.ARRIVAL,
    TaskKind.LATE,
    TaskKind.PROVISIONAL,
    TaskKind.CLOSING,
}
_AT_MOMENTS = {
    MessageKind.COUNT_IS_MISSING,
    MessageKind.TASK_DUE,
    MessageKind.ARRIVAL_POSTPONED,
    MessageKind.ARRIVED,
    MessageKind.ARRIVAL_REVERSED,
    MessageKind.NO_SHOW,
    MessageKind.NO_SHOW_REVERSED,
    MessageKind.STAY_BROKEN_OFF,
    MessageKind.STAY_END_REVERSED,
    MessageKind.CLIENT_MISSING,
    MessageKind.SEARCH_ENDED,
    MessageKind.CASE_CLOSED,
    MessageKind.CASE_REOPENED,
}
"""Kinds of message of which there can be several about one thing, at different moments."""


def claims(session):
    """Returns the claims that are not cancelled."""
    return [one for one in session.exec(select(BedClaim)) if not one.cancelled]


def overlaps(known):
    """Beds that two claims have on one day."""
    by_bed = defaultdict(list)
    for one in known:
        if one.ends_on != one.starts_on:
            by_bed[one.bed_id].append((one.starts_on, one.ends_on or date.max, one.registration_id))
    found = []
    for bed, theirs in by_bed.items():
        theirs.sort()
        found += [(bed, one, other) for one, other in pairwise(theirs) if other[0] < one[1]]
    return found


def beds(known):
    """Returns, by client, the holds from which a bed is kept or lived in; for a client who was taken over, the stay."""
    found = defaultdict(set)
    for one in known:
        if one.ends_on is None:
            found[one.registration_id].add(one.hold_id or one.stay_id)
    return dict(found)


def twice(names):
    return [name for name, count in Counter(names).items() if count > 1]


def told(town):
    """Runs the job that sends notices of tasks, and returns the tasks that it found, with their owners."""
    found = []

    def kept(act, tasks, real=listing.owned):
        found[:] = real(act, tasks)
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(task_notices, "owned", kept)
        town.do(task_notices.tell_of_tasks)
    return found


def of_states(found):
    """Counts the tasks of each state that waits for a person; a late task counts as an arrival."""
    kinds = {TaskKind.LATE: TaskKind.ARRIVAL}
    return Counter((kinds.get(one.kind, one.kind), one.about) for one in found if one.kind in _OF_STATES)


def wanted(act):
    """Counts one task for each such state."""
    session, found = act.session, Counter()
    for place, rooms in shut_places(session):
        beds_there = set(session.exec(select(Bed.id).where(col(Bed.room_id).in_(rooms))))
        if any(one.bed_id in beds_there and (one.ends_on or date.max) > act.day for one in claims(session)):
            found[TaskKind.CLOSING, place] += 1
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


def shut_places(session):
    """Returns the places that are closing, with their rooms."""
    rooms = session.exec(select(Room, Unit, Location).join(Unit, Room.unit_id == Unit.id).join(Location)).all()
    shut = PlaceStatus.CLOSING
    places = {
        place.id: [row[0].id for row in rooms if place.id in {row[0].id, row[1].id, row[2].id, row[2].shelter_id}]
        for table in (Room, Unit, Location, Shelter)
        for place in session.exec(select(table).where(table.status == shut))
    }
    return places.items()


def is_time_to_look(case, looked_at, at):
    """Checks whether a place for this client must be sought again. It is sought each morning at nine if the client
    needs it within days, or needed it by now; else after a week.
    """
    mornings = (looked_at.astimezone(AMSTERDAM).date() + timedelta(days=number) for number in range(9))
    nine = [moment for day in mornings if (moment := datetime.combine(day, time(9), AMSTERDAM)) > looked_at]
    passed = [moment for moment in nine if moment <= at]
    if case.urgency == Urgency.DAYS:
        return passed != []
    week = looked_at.astimezone(AMSTERDAM).date() + timedelta(days=7)
    return any(moment.date() >= min(case.needed_by, week) for moment in passed)


def accounts(session):
    """Returns who can own a task: the role, and its regions or shelter."""
    shelter_of = {row.id: row.shelter_id for row in session.exec(select(Organisation))}
    known = session.exec(select(Account).where(Account.disabled_at.is_(None)))
    return [(one.role, {*one.regions, shelter_of.get(one.organisation_id)}) for one in known]


def has_owner(known, one):
    """Checks whether there is an account with the role and the reach of its owner."""
    with_reach = {Role.COORDINATOR, Role.SHELTER_STAFF}
    return any(role is one.owner.role and (role not in with_reach or one.owner.reach in reach) for role, reach in known)


def untold(act, found, before, until):
    """Returns tasks without any notice, and tasks whose last notice is from an earlier occurrence. `before`: the tasks
    of the previous check, at the moment `until`.
    """
    names = {one.task.id(act.session): one for one in found}
    notices = [row.content for row in act.session.exec(select(TaskNotice))]
    told = {one.task: one.at for one in sorted(notices, key=lambda one: one.at) if one.mark is NoticeMark.NEW}
    waited = {one.task.id(act.session) for one in before}
    return [one for name, one in names.items() if name not in told or (name not in waited and told[name] <= until)]


def wrong_on_the_page(town, reader, found):
    """Returns tasks that the first page shows more than once, and the reader's tasks that are missing from the reader's
    list.
    """
    theirs = {
        one.task.key
        for one in found
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
    """Returns the messages that one account was sent more than once."""
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


def write_mails(town, known):
    """Writes each mail whose id is not in `known`, adds the ids, and returns the number of mails. Raises the errors of
    a mail.
    """
    with town.act(SYSTEM) as act:
        new = [one for one in sent(town) if one.channel is Channel.MAIL and one.id not in known]
        for one in new:
            if not emails.is_moot(act.session, one):
                emails.email_of(act.session, town.settings, SERVER, one, town.at)
        known |= {one.id for one in new}
    return len(new)
