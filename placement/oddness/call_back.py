"""The call-back before an odd request for an address is answered.

The request waits for another person of the desk. That person calls the asker's organisation and asks whether the asker
needs this address. Only numbers that the organisation had before the request are called. These are left out: a number
that changed in the last three days, a replaced number that nobody has reviewed, and a number that the asker can change.
"""

from collections.abc import Mapping
from datetime import timedelta

from sqlmodel import col, select

from placement.access.account_lookup import account_of
from placement.access.permissions import Permission
from placement.accounts import organisations
from placement.accounts.number_changes import NEW_FOR
from placement.audit import anomaly_review
from placement.audit import log as audit_log
from placement.audit.anomaly_rules import NUMBERS_REPLACED
from placement.audit.events import Event
from placement.core.context import Act
from placement.core.errors import Conflict, Invalid
from placement.core.second_person_codes import SecondPersonKind, SecondPersonStatus
from placement.core.telephone import numbered
from placement.oddness.conduct import conduct_of
from placement.oddness.rules import odd
from placement.second_person import requests
from placement.second_person.kinds import Answer, Kind
from placement.storage import log_index
from placement.storage.log_index import Wanted
from placement.tables import Account, AuditEvent, Hold, Organisation, SecondPersonRequest, Stay

CONFIRMED_FOR = timedelta(hours=24)
"""The time for which the address can be read after the call-back confirmed the request (assumed)."""
WAITS_FOR = timedelta(hours=24)
"""The time for which a request waits for the call-back (assumed)."""


def held_back(act: Act, held: Hold, stay: Stay) -> SecondPersonRequest | None:
    """Returns the open call-back if the address must not be disclosed yet; `None` if it can be disclosed. Opens a
    call-back if the actor's request for the address is odd. Writes an audit event if the address is not disclosed.
    """
    _one_at_a_time(act)
    asked = _newest(act, held)
    if asked is not None and _confirms(act, asked):
        return None
    if asked is None or not requests.is_open(act, CALL_BACK, asked):
        rules = odd(conduct_of(act, held, stay))
        if not rules:
            return None
        facts = {"rules": rules, "numbers": known_numbers(act, act.actor.id)}
        asked = requests.ask(act, CALL_BACK, facts, about=held.id, registration=held.registration_id)
    audit_log.write(
        act, Event.ADDRESS_HELD_BACK, registration=held.registration_id, subject=held.id, rules=asked.facts["rules"]
    )
    return asked


def known_numbers(act: Act, account_id: str) -> list[str]:
    """Returns the telephone numbers of the account's organisation, in the order of calling. For an account of the desk,
    they are the numbers of the coordination centre. Returns an empty list if a number was changed in the last three
    days, or if a replaced number waits for its review.
    """
    account = account_of(act.session, account_id)
    theirs = act.session.get(Organisation, account.organisation_id or "")
    organisation = organisations.centre(act.session) if account.role.has_authority else theirs
    if organisation is None or _is_changed(act, organisation.id) or _is_unreviewed(act, organisation.id):
        return []
    return [*organisations.telephones_of(organisation).values()]


def _is_changed(act: Act, organisation_id: str) -> bool:
    """Checks whether the audit log contains a change of the organisation's numbers in the last three days."""
    changes = log_index.find(act.session, Wanted(event=Event.ORGANISATION_CHANGED.value, since=act.at - NEW_FOR))
    return any(one.object_id == organisation_id and "telephones" in one.facts.get("changed", ()) for one in changes)


def _is_unreviewed(act: Act, organisation_id: str) -> bool:
    """Checks whether an anomaly that nobody has reviewed yet reports a replaced number of the organisation."""
    waiting = anomaly_review.unreviewed(act.session).items()
    replaced = [one.first_line for (rule, _), found in waiting for one in found if rule == NUMBERS_REPLACED]
    events = [act.session.get(AuditEvent, line) for line in replaced]
    return any(one is not None and one.object_id == organisation_id for one in events)


def _one_at_a_time(act: Act) -> None:
    """Makes simultaneous requests of an account wait for each other, so that each counts the earlier requests."""
    act.session.exec(select(Account).where(Account.id == act.actor.id).with_for_update(key_share=True)).first()


def _newest(act: Act, held: Hold) -> SecondPersonRequest | None:
    row = SecondPersonRequest
    asked = select(row).where(row.kind == CALL_BACK.code, row.about == held.id, row.asked_by == act.actor.id)
    return act.session.exec(asked.order_by(col(row.asked_at).desc(), col(row.id)).limit(1)).first()


def _confirms(act: Act, asked: SecondPersonRequest) -> bool:
    at = asked.settled_at
    return asked.status is SecondPersonStatus.GRANTED and at is not None and act.at < at + CONFIRMED_FOR


def _carry_out(act: Act, request: SecondPersonRequest, answer: Answer) -> None:
    """Records the call that confirmed the request. Raises `Invalid` if the called number was not known before the
    request, and `Conflict` if no number at all was known.
    """
    known = request.facts["numbers"]
    if not known:
        raise Conflict("no_known_number")
    rung, faults = numbered("number", answer.number, known)
    if faults or rung is None:
        raise Invalid(faults) if faults else Invalid.at("number", "missing")
    if rung not in known:
        raise Invalid.at("number", "not_own_number", allowed=known)
    audit_log.write(act, Event.ADDRESS_CALLED_BACK, registration=request.registration_id, subject=request.about)


def _logged(request: SecondPersonRequest) -> Mapping[str, object]:
    return {"rules": request.facts["rules"]}


CALL_BACK = Kind(
    SecondPersonKind.DISCLOSURE,
    ask=Permission.ADDRESS_DISCLOSE,
    grant=Permission.TELEPHONE_ENTER,
    read=Permission.REVIEW_READ,
    waits_for=WAITS_FOR,
    carry_out=_carry_out,
    logged=_logged,
    of_asker=True,
)
