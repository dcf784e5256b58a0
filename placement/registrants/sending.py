"""The sending of a registration: drafts, the registration itself, and the questions about missing consents."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import col, select

from placement.access.permissions import Permission, needs
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.clock import day_of
from placement.core.consent_codes import SharingGround, SharingSaidBy
from placement.core.context import Act
from placement.core.errors import Conflict, Fault, Invalid, existing
from placement.core.geography import Point, nearest_place
from placement.core.ids import new_id
from placement.core.registrant_codes import CONSENT_WITHIN, REGISTER_BY_LAW, ConsentTo, DayFigures, SentMessageKind
from placement.core.telephone import numbered
from placement.crypto.encrypted_columns import is_readable
from placement.lifecycles.moves import RegistrationMove
from placement.registrants.senders import Sender, organisation_of, sender_of
from placement.registrations import case_check, case_rows
from placement.registrations.case import Case
from placement.registrations.case_check import CheckedCase
from placement.registrations.registrations import with_first_day
from placement.storage.field_sealing import destroy_keys
from placement.tables import SentRegistration
from placement.tables.sent_registration import SentContent, SentMessage, SentPerson

MOST_DRAFTS = 20
"""The largest number of drafts of a registrant's organisation."""


@dataclass(frozen=True, slots=True)
class SentFacts:
    """The facts that a sender gives in addition to the case. `registering`, `sharing`: true if the client consents to
    it.
    """

    registrant_unit: str | None = None
    telephone: str | None = None
    registering: bool = False
    sharing: bool = False
    draft: str | None = None
    """The draft that becomes this registration."""


@needs(Permission.SENT_SEND)
def send(act: Act, case: Case, facts: SentFacts, sender: Sender | None = None) -> SentRegistration:
    """Stores a registration, which then waits for the desk. If a consent is missing, stores the registration too, and
    adds a question about the consent. If the draft was already sent, returns the registration that was made from it. So
    a form that is submitted twice makes a single registration. Raises `Invalid` with all faults of case, unit and
    telephone number; then nothing is stored.
    """
    row = None if facts.draft is None else own(act, facts.draft, lock=True)
    if row is not None and row.registration_id is not None:
        audit_log.write(act, Event.SENT_READ, subject=row.id)
        return row
    sender = sender or sender_of(act)
    checked, unit, number = _checked(act, case, facts, sender)
    if checked.faults:
        raise Invalid(checked.faults)
    regions = _danger_regions(checked, sender.units[unit].value.region if unit else None)
    figures = day_figures([*_sent_within_a_day(act, sender), regions])
    made = case_rows.store(act, checked, RegistrationMove.RECEIVE, figures, waits_since=act.at)
    by_law = sender.kind(unit) in REGISTER_BY_LAW
    asked = [] if by_law or facts.registering else [ConsentTo.REGISTERING]
    asked += [] if facts.sharing else [ConsentTo.SHARING]
    row = row or _new(act, sender)
    row.registration_id, row.waits = made.id, bool(asked)
    row.content = SentContent(
        sender=act.actor.id,
        caller=sender.caller,
        unit=unit,
        telephone=number,
        persons=[SentPerson(gender=one.gender, age=one.age, presumed=one.presumed) for one in case.persons or ()],
        danger_regions=regions,
        sent_at=act.at,
        messages=[question(act, about=about, due_at=act.at + CONSENT_WITHIN) for about in asked],
    )
    act.session.add(row)
    act.session.flush()
    return row


def day_figures(sent: Sequence[Collection[str]]) -> DayFigures:
    """Returns counts of the registrations sent in 24 hours. Anomaly rules use them to find accounts that invent danger
    points in order to locate shelters. `sent`: for each registration of the organisation, the regions of its danger
    points.
    """
    return DayFigures(sent_in_a_day=len(sent), danger_regions_in_a_day=len(set().union(*sent)))


@needs(Permission.SENT_SEND)
def faults_of(act: Act, case: Case, facts: SentFacts, sender: Sender | None = None) -> Sequence[Fault]:
    """Returns all faults of a registration, without sending it."""
    return _checked(act, case, facts, sender or sender_of(act))[0].faults


@needs(Permission.SENT_SEND)
def keep_draft(act: Act, fields: Sequence[tuple[str, str]], draft: str | None = None) -> SentRegistration:
    """Stores the entered fields of a form without checks, for the sender's whole organisation.

    Raises `Conflict` if the draft was already sent, or if the organisation has too many drafts.
    """
    row = None if draft is None else own(act, draft, lock=True)
    if row is not None and row.registration_id is not None:
        raise Conflict("sent_already")
    if row is None:
        sender = sender_of(act)
        sender.require_unit()
        row = _new(act, sender)
        drafts = [one for one in listed(act) if one.registration_id is None]
        if len(drafts) >= MOST_DRAFTS:
            raise Conflict("too_many_drafts", most=MOST_DRAFTS)
    row.content = SentContent(sender=act.actor.id, fields=[*fields])
    act.session.add(row)
    audit_log.write(act, Event.SENT_DRAFT_CHANGED, subject=row.id)
    return row


def draft_fields(act: Act, draft: str) -> list[tuple[str, str]]:
    """Returns the typed fields of a draft. Raises `Conflict` if it was already sent."""
    row = own(act, draft)
    if row.registration_id is not None:
        raise Conflict("sent_already")
    return row.content.fields


@needs(Permission.SENT_SEND)
def drop_draft(act: Act, draft: str) -> None:
    """Deletes a draft and its key. Raises `Conflict` if it was already sent."""
    row = own(act, draft, lock=True)
    if row.registration_id is not None:
        raise Conflict("sent_already")
    audit_log.write(act, Event.SENT_DRAFT_CHANGED, subject=row.id)
    erase(act, [row])


def own(act: Act, sent_id: str, *, lock: bool = False) -> SentRegistration:
    """Returns a registration of the actor's organisation. Raises the same `NotFound` for every other id."""
    query = select(SentRegistration).where(SentRegistration.id == sent_id)
    query = query.where(SentRegistration.organisation == existing(organisation_of(act)).id)
    found = act.session.exec(query.with_for_update() if lock else query)
    return existing(found.first())


def listed(act: Act) -> Sequence[SentRegistration]:
    """Returns the drafts and registrations of the actor's organisation, newest first."""
    organisation = organisation_of(act)
    return of_organisation(act, organisation.id) if organisation else []


def of_organisation(act: Act, organisation_id: str) -> Sequence[SentRegistration]:
    query = select(SentRegistration).where(SentRegistration.organisation == organisation_id)
    rows = act.session.exec(query.order_by(col(SentRegistration.made_on).desc(), col(SentRegistration.id))).all()
    return sorted(rows, key=_since, reverse=True)


def question(
    act: Act, text: str = "", *, about: ConsentTo | None = None, due_at: datetime | None = None
) -> SentMessage:
    """Returns a new question to the registrant. `about`: the missing consent, if the service itself asks."""
    kind = SentMessageKind.QUESTION
    return SentMessage(id=new_id("F"), kind=kind, at=act.at, by=act.actor.id, text=text, about=about, due_at=due_at)


def erase(act: Act, rows: Sequence[SentRegistration]) -> None:
    """Deletes sent registrations with their messages, and destroys their keys."""
    for row in rows:
        act.session.delete(row)
    act.session.flush()
    destroy_keys(act, [row.key_owner for row in rows])


def erase_of_cases(act: Act, registration_ids: Sequence[str]) -> None:
    """Erases the sent registrations of these cases, with their messages."""
    query = select(SentRegistration).where(col(SentRegistration.registration_id).in_(registration_ids))
    erase(act, act.session.exec(query).all())


def erase_drafts(act: Act, ids: Sequence[str]) -> None:
    erase(act, act.session.exec(select(SentRegistration).where(col(SentRegistration.id).in_(ids))).all())


def _sent_within_a_day(act: Act, sender: Sender) -> list[list[str]]:
    """Returns, for each registration that the organisation sent within 24 hours, the regions of its danger points."""
    if sender.organisation is None:
        return []
    since = act.at - timedelta(days=1)
    query = select(SentRegistration).where(
        SentRegistration.organisation == sender.organisation.id, col(SentRegistration.made_on) >= day_of(since)
    )
    known = (row.content for row in act.session.exec(query) if is_readable(row.content))
    return [one.danger_regions for one in known if one.sent_at is not None and one.sent_at > since]


def _danger_regions(checked: CheckedCase, own: str | None) -> list[str]:
    points = (Point(one["lat"], one["lon"]) for field, one in checked.points.items() if field.startswith("threats."))
    return sorted({nearest_place(one).region for one in points} - {own})


def _since(row: SentRegistration) -> tuple[str, str]:
    at = row.content.sent_at
    return (at.isoformat() if at else f"{row.made_on.isoformat()}T", row.id)


def _new(act: Act, sender: Sender) -> SentRegistration:
    organisation = sender.organisation.id if sender.organisation else None
    content = SentContent(sender=act.actor.id)
    return SentRegistration(id=new_id("M"), organisation=organisation, made_on=act.day, content=content)


def _checked(act: Act, case: Case, facts: SentFacts, sender: Sender) -> tuple[CheckedCase, str | None, str | None]:
    """Checks a registration before it is sent. Returns the checked case with all faults, the unit that sends the
    registration, and the telephone number.
    """
    unit, of_unit = sender.unit(facts.registrant_unit)
    number, of_number = numbered("telephone", facts.telephone)
    given: dict[str, object] = {"registrant": sender.kind(unit), "registrant_unit": unit}
    if "region" not in case.model_fields_set and unit and sender.units[unit].value.region:
        given["region"] = sender.units[unit].value.region
    if facts.sharing:
        given |= {"sharing_ground": SharingGround.CONSENT, "sharing_said_by": SharingSaidBy.REGISTRANT}
    checked = case_check.check(act, with_first_day(act, case.model_copy(update=given)), draft=True)
    # A region that was not entered is taken from the unit. If the unit is missing, that fault alone is enough.
    known = [one for one in checked.faults if not (of_unit and (one.field, one.code) == ("region", "area_missing"))]
    return replace(checked, faults=[*of_unit, *of_number, *known]), unit, number
