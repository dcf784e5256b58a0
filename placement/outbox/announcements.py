"""Announcements of tasks and results. People get mails, and software gets webhook events. Both contain only ids. A mail
states that something waits, and links to the service. The service checks rights and writes an audit event when the link
is opened. The person who acts is not notified of that act.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlmodel import Session, select

from placement.access import account_lookup
from placement.core.codes import MessageKind, Urgency
from placement.core.context import Act
from placement.crypto.encrypted_columns import is_readable
from placement.duty.hours import duty_of
from placement.duty.on_call import on_call
from placement.outbox import outbox, recipients
from placement.outbox.webhook_events import EntryEventData, HoldEventData, ReportEventData, RoomsEventData
from placement.tables import Decision, Hold, Message, Registration, SecondPersonRequest, SentRegistration, Stay
from placement.tables.sent_registration import SentMessage

_URGENT = frozenset(
    {
        MessageKind.ARRIVAL_REVERSED,
        MessageKind.NO_SHOW,
        MessageKind.NO_SHOW_REVERSED,
        MessageKind.STAY_BROKEN_OFF,
        MessageKind.STAY_END_REVERSED,
        MessageKind.CLIENT_MISSING,
        MessageKind.SEARCH_ENDED,
    }
)
"""Kinds of messages that are always urgent. A message of another kind is urgent if its client needs a place tonight."""

_TO_THE_SHELTER = frozenset(
    {
        MessageKind.HOLD_ASKED,
        MessageKind.HOLD_SETTLED,
        MessageKind.HOLD_RELEASED,
        MessageKind.HOLD_EXPIRED,
        MessageKind.ARRIVAL_POSTPONED,
    }
)
_TO_PLACERS = frozenset(
    {
        MessageKind.HOLD_CONFIRMED,
        MessageKind.HOLD_REFUSED,
        MessageKind.HOLD_EXPIRED,
        MessageKind.HOLD_RELEASED,
        MessageKind.ARRIVAL_POSTPONED,
    }
)
_AGAIN = frozenset(
    {
        MessageKind.DECISION_CHANGED,
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
        MessageKind.SENT_CLOSED,
        MessageKind.SENT_REOPENED,
    }
)
"""Kinds of messages that can occur several times for the same decision, hold, stay or case. Their unique key contains
the time.
"""


_TO_A_SHELTER_ONCE = frozenset({MessageKind.HOLD_ASKED, MessageKind.ARRIVAL_POSTPONED})
"""Kinds of messages of which each shelter gets a single mail, even if an act concerns several holds of the shelter."""


def announce_hold(act: Act, kind: MessageKind, held: Hold, *, placers_know: bool = False) -> None:
    """Announces a change of a hold:

    - The shelter gets the request to confirm the hold. If it got that request, it also gets each later change.
    - The coordinators and the desk get the result. `placers_know`: true if another message of the same act informs
      the coordinators and the desk; they then do not get this message.
    """
    shelter_id = recipients.shelter_of_unit(act.session, held.unit_id)
    to: set[str] = set()
    webhooks: list[str] = []
    if kind in _TO_THE_SHELTER and held.asked_at is not None:
        if kind not in _TO_A_SHELTER_ONCE or _is_first_mail(act, shelter_id):
            to |= set(recipients.staff_of(act.session, shelter_id, act.day))
        webhooks = recipients.webhooks_for(act.session, kind, shelter_id)
    if kind in _TO_PLACERS and not placers_know:
        to |= _placers_of(act, held.registration_id)
    due = held.expires_at if kind is MessageKind.HOLD_ASKED else None
    said = HoldEventData(hold=held.id, unit=held.unit_id)
    urgent = _is_tonight(act, held.registration_id)
    _tell(act, kind, once_of(kind, held.id, act.at), to, webhooks, due=due, urgent=urgent, **said.facts())


def _is_first_mail(act: Act, shelter_id: str) -> bool:
    """Checks whether this act has not yet mailed the people of this shelter. The mail links to a list of all holds that
    the act concerns.
    """
    if act.shelters_mailed is None:
        return True
    is_first = shelter_id not in act.shelters_mailed
    act.shelters_mailed.add(shelter_id)
    return is_first


def announce_count(act: Act, decision: Decision, held: Hold) -> None:
    """Announces to the shelter that a decision waits for a new count of the shelter's beds. The message names no person
    and no case.
    """
    to = recipients.staff_of(act.session, recipients.shelter_of_unit(act.session, held.unit_id), act.day)
    kind = MessageKind.COUNT_ASKED
    urgent = _is_tonight(act, held.registration_id)
    _tell(act, kind, f"{kind} {decision.id}", to, due=held.expires_at, urgent=urgent, decision=decision.id)


def announce_decision(
    act: Act, kind: MessageKind, decision: Decision, registration: Registration, due: datetime | None
) -> None:
    """Announces a decision to the desk. If the decision does not wait for approval, the coordinators get the message
    too. Outside the hours of duty the persons on call get a waiting decision, whatever their settings.
    """
    to = set(recipients.desk(act.session, act.day))
    if kind is not MessageKind.DECISION_WAITS:
        to |= set(recipients.placers_of(act.session, registration.region, act.day))
    urgent = registration.urgency == Urgency.TONIGHT
    called: Collection[str] = ()
    if kind is MessageKind.DECISION_WAITS and not duty_of(act.settings).is_on(act.at):
        called = recipients.with_deputies(act.session, on_call(act.session, duty_of(act.settings), act.at), act.day)
    _tell(act, kind, f"{kind} {decision.id}", to, due=due, urgent=urgent, always=called, decision=decision.id)


def announce_turn(act: Act, decision: Decision) -> None:
    """Announces the new status of a decision to the person who decided. Used only if no other message announces that
    status.
    """
    to = recipients.of_decider(act.session, decision.decided_by, _area_of(act, decision.registration_id), act.day)
    kind, status = MessageKind.DECISION_CHANGED, decision.status.value
    urgent = _is_tonight(act, decision.registration_id)
    _tell(act, kind, once_of(kind, decision.id, act.at), to, urgent=urgent, decision=decision.id, status=status)


def announce_arrival(act: Act, held: Hold, stay: Stay) -> None:
    """Announces the arrival of the client to the person who decided on the place."""
    to = recipients.of_decider(act.session, held.made_by, _area_of(act, held.registration_id), act.day)
    _tell(act, MessageKind.ARRIVED, once_of(MessageKind.ARRIVED, stay.id, act.at), to, stay=stay.id)


def announce_stay(act: Act, kind: MessageKind, stay: Stay, *, also: Collection[str] = ()) -> None:
    """Announces to the coordinators and the desk that a client did not arrive, or needs another place. The shelter gets
    the message too, except if the stay was broken off. `also`: further recipients, whatever their settings.
    """
    to = _placers_of(act, stay.registration_id)
    if kind is not MessageKind.STAY_BROKEN_OFF:
        to |= set(recipients.staff_of(act.session, recipients.shelter_of_unit(act.session, stay.unit_id), act.day))
    _tell(act, kind, once_of(kind, stay.id, act.at), to, always=also, stay=stay.id)


def announce_missing(act: Act, stay: Stay) -> None:
    """Announces that a client is missing. Coordinators, the desk, the persons on call and the person who decided on the
    place get the message, whatever their settings.
    """
    to = _placers_of(act, stay.registration_id)
    called = on_call(act.session, duty_of(act.settings), act.at)
    to |= set(recipients.with_deputies(act.session, called, act.day))
    if stay.hold_id is not None:
        held = act.session.get_one(Hold, stay.hold_id)
        area = _area_of(act, stay.registration_id)
        to |= set(recipients.of_decider(act.session, held.made_by, area, act.day))
    kind = MessageKind.CLIENT_MISSING
    _tell(act, kind, once_of(kind, stay.id, act.at), to, always=to, stay=stay.id)


def announce_search_ended(act: Act, stay: Stay, said_at: datetime) -> None:
    """Announces the end of a search to all accounts that were notified of its beginning, and to today's coordinators
    and desk.
    """
    told = who_was_told(act.session, MessageKind.CLIENT_MISSING, stay.id, said_at)
    kind = MessageKind.SEARCH_ENDED
    _tell(act, kind, once_of(kind, stay.id, act.at), _placers_of(act, stay.registration_id), always=told, stay=stay.id)


def announce_closing(act: Act, registration: Registration) -> None:
    """Announces to the coordinators of the area that a case was closed, so that they stop the search for a place."""
    to = recipients.placers_of(act.session, registration.region, act.day)
    kind = MessageKind.CASE_CLOSED
    urgent = registration.urgency == Urgency.TONIGHT
    _tell(act, kind, once_of(kind, registration.id, act.at), to, urgent=urgent)


def announce_reopening(act: Act, registration: Registration, *, also: Collection[str]) -> None:
    """Announces to the coordinators of the area that a closed case is open again. `also`: further recipients, whatever
    their settings.
    """
    to = recipients.placers_of(act.session, registration.region, act.day)
    kind = MessageKind.CASE_REOPENED
    urgent = registration.urgency == Urgency.TONIGHT
    _tell(act, kind, once_of(kind, registration.id, act.at), to, urgent=urgent, always=also)


def announce_sent(
    act: Act, kind: MessageKind, row: SentRegistration, case: Registration, asked: SentMessage | None = None
) -> None:
    """Announces to the registrant a question of the desk (`asked`), or a new state of the registration that the
    registrant sent in. The message names neither the case nor the client.
    """
    to = recipients.registrants_of(act.session, row)
    facts = {"sent": row.id} if asked is None else {"sent": row.id, "question": asked.id}
    due, urgent = asked.due_at if asked else None, case.urgency == Urgency.TONIGHT
    _tell(act, kind, once_of(kind, asked.id if asked else row.id, act.at), to, due=due, urgent=urgent, **facts)


def once_of(kind: MessageKind, subject: str, at: datetime) -> str:
    """Returns the unique key of a message of this kind about this subject. For the kinds in `_AGAIN` the key contains
    the time.
    """
    return f"{kind} {at.isoformat()} {subject}" if kind in _AGAIN else f"{kind} {subject}"


def who_was_told(session: Session, kind: MessageKind, subject: str, at: datetime) -> frozenset[str]:
    """Returns the accounts that got the message of this kind about this subject at this time."""
    rows = session.exec(select(Message).where(Message.once == once_of(kind, subject, at))).all()
    known = [copy for row in rows if is_readable(row.content) for copy in row.content.copies]
    return frozenset(copy.account_id for copy in known if copy.account_id is not None)


def announce_report(act: Act, day: str) -> None:
    """Announces a report to all software that subscribed to reports."""
    webhooks = recipients.webhooks_for(act.session, MessageKind.REPORT_MADE, None)
    outbox.put_event(act, MessageKind.REPORT_MADE, f"report {day}", webhooks, ReportEventData(day=day))


def announce_rooms(act: Act, shelter_id: str) -> None:
    """Announces a change of rooms to the software of the shelter, at most once for each HTTP request."""
    once = f"{MessageKind.ROOMS_CHANGED} {shelter_id} {act.origin.request_id}"
    webhooks = recipients.webhooks_for(act.session, MessageKind.ROOMS_CHANGED, shelter_id)
    outbox.put_event(act, MessageKind.ROOMS_CHANGED, once, webhooks, RoomsEventData(shelter=shelter_id))


def announce_change(act: Act, request: SecondPersonRequest) -> None:
    """Announces a request to change the register. While the request waits, the desk gets the message; after the answer,
    the requester.
    """
    waits = request.settled_at is None
    kind = MessageKind.CHANGE_ASKED if waits else MessageKind.CHANGE_ANSWERED
    to = recipients.desk(act.session, act.day) if waits else [request.asked_by]
    _tell(act, kind, f"{kind} {request.id}", to, change=request.id)


def announce_numbers(act: Act, shelter_id: str) -> None:
    """Announces a change of a shelter's telephone numbers to the desk and to the accounts of the shelter, whatever
    their settings. The reason: a stranger who answers a wrong number could accept clients.
    """
    kind = MessageKind.NUMBERS_CHANGED
    everybody = {*recipients.desk(act.session, act.day), *account_lookup.staff_at_work(act.session, shelter_id)}
    once = f"{kind} {shelter_id} {act.origin.request_id} {act.at.isoformat()}"
    _tell(act, kind, once, (), always=everybody, shelter=shelter_id)


def announce_entry(act: Act, shelter_id: str, entry_id: str) -> None:
    """Announces to a shelter that the desk entered the shelter's report by telephone. The shelter can contradict the
    entry.
    """
    kind = MessageKind.TELEPHONE_ENTERED
    at_work = account_lookup.staff_at_work(act.session, shelter_id) if _is_first_mail(act, shelter_id) else ()
    staff = recipients.with_deputies(act.session, at_work, act.day)
    webhooks = recipients.webhooks_for(act.session, kind, shelter_id)
    said = EntryEventData(entry=entry_id)
    _tell(act, kind, f"{kind} {entry_id}", (), webhooks, always=staff, **said.facts())


def _is_tonight(act: Act, registration_id: str) -> bool:
    return bool(act.session.get_one(Registration, registration_id).urgency == Urgency.TONIGHT)


def _placers_of(act: Act, registration_id: str) -> set[str]:
    """Returns the coordinators of the area of the case, and the desk."""
    placers = recipients.placers_of(act.session, _area_of(act, registration_id), act.day)
    return {*placers, *recipients.desk(act.session, act.day)}


def _area_of(act: Act, registration_id: str) -> str:
    return str(act.session.get_one(Registration, registration_id).region)


def _tell(
    act: Act,
    kind: MessageKind,
    once: str,
    to: Iterable[str],
    webhooks: Collection[str] = (),
    *,
    due: datetime | None = None,
    urgent: bool = False,
    always: Collection[str] = (),
    **facts: str,
) -> None:
    """Puts a message in the outbox. `due`: the deadline for action, which the mail states. After the deadline the mail
    is useless. `always`: recipients who get the message whatever their settings.
    """
    said = facts | ({"due": due.isoformat()} if due else {})
    wanting = recipients.mailed_at_once(act.session, to, urgent=urgent or kind in _URGENT)
    accounts = outbox.that_can_sign_in(act.session, {*wanting, *always} - {act.actor.id})
    outbox.put(act, kind, once, accounts=accounts, webhooks=webhooks, after=None, until=due, calls_until=None, **said)
