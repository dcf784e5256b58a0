"""Subscriptions to the report by mail: rhythm, language and form; and unsubscribing without signing in.

The link in a mail contains a keyed hash of the subscription, which can only end that subscription
(docs/decisions/0023).
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from placement.access.permissions import Permission
from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import MessageKind
from placement.core.context import Act, Actor
from placement.core.errors import Unauthenticated
from placement.core.ids import new_id
from placement.core.notice_codes import MailForm, Rhythm
from placement.outbox import outbox
from placement.storage.field_sealing import keys_of_session
from placement.tables import Account, AccountDetails, Subscription
from placement.text.catalogue import DEFAULT, Language, languages

_PURPOSE = "subscription.end"
_SATURDAY, _MONDAY = 5, 0


@dataclass(frozen=True, slots=True)
class Wish:
    rhythm: Rhythm = Rhythm.NEVER
    language: Language = DEFAULT
    form: MailForm = MailForm.LINK


def read(act: Act) -> Wish:
    """Returns the actor's own subscription, or a default without mails. Writes an audit event."""
    audit_log.write(act, Event.SUBSCRIPTION_READ)
    found = act.session.get(Subscription, act.actor.id)
    return Wish(found.rhythm, _language(found), found.form) if found else Wish()


def choose(act: Act, wish: Wish) -> Wish:
    found = act.session.get(Subscription, act.actor.id)
    if found is None:
        found = Subscription(id=new_id("N"), account_id=act.actor.id, language=wish.language, changed_at=act.at)
        act.session.add(found)
    found.rhythm, found.language, found.form, found.changed_at = wish.rhythm, wish.language, wish.form, act.at
    audit_log.write(act, Event.SUBSCRIBED, rhythm=wish.rhythm.value)
    return wish


def put_report(act: Act, day: date) -> int:
    """Puts a mail about this day's report in the outbox for each subscriber; returns the number of recipients."""
    wanted = select(Subscription).where(col(Subscription.rhythm) != Rhythm.NEVER).order_by(Subscription.account_id)
    to = [
        one.account_id
        for one in act.session.exec(wanted).all()
        if is_due(one.rhythm, day) and _may_read(act.session, one.account_id)
    ]
    return outbox.put(act, MessageKind.REPORT_MADE, f"report by mail {day}", accounts=to, day=day.isoformat())


def is_due(rhythm: Rhythm, day: date) -> bool:
    if rhythm is Rhythm.WEEKLY:
        return day.weekday() == _MONDAY
    return rhythm is Rhythm.DAILY or (rhythm is Rhythm.WEEKDAYS and day.weekday() < _SATURDAY)


def language_of(session: Session, account_id: str, *, of_report: bool = False) -> Language:
    """Returns the language of an account's mails: the language that the person chose, else that of the subscription,
    else the default. `of_report`: ignores the language that the person chose.
    """
    found = session.get(Subscription, account_id)
    chosen = session.scalar(select(AccountDetails.language).where(AccountDetails.account_id == account_id))
    if chosen in languages() and not of_report:
        return chosen
    return _language(found) if found else DEFAULT


def form_of(session: Session, account_id: str) -> MailForm:
    found = session.get(Subscription, account_id)
    return found.form if found else MailForm.LINK


def token_of(session: Session, account_id: str) -> str | None:
    """Returns the token for the unsubscribe link in a mail; `None` if the account has no active subscription."""
    found = session.get(Subscription, account_id)
    if found is None or found.rhythm is Rhythm.NEVER:
        return None
    return f"{found.id}.{keys_of_session(session).ring.index(_PURPOSE, found.id)}"


def find(session: Session, token: str) -> Subscription:
    """Returns the subscription of a token. Raises `Unauthenticated` for an invalid token."""
    name, _, given = token.partition(".")
    good: Sequence[str] = keys_of_session(session).ring.indexes(_PURPOSE, name)
    found = session.exec(select(Subscription).where(Subscription.id == name)).first()
    if found is None or not any(hmac.compare_digest(one, given) for one in good if given.isascii()):
        raise Unauthenticated("subscription_unknown")
    return found


def end(act: Act, token: str) -> None:
    """Ends a subscription: no more reports are mailed, not even reports already in the outbox. Safe to repeat."""
    found = find(act.session, token)
    account = act.session.get_one(Account, found.account_id)
    if found.rhythm is not Rhythm.NEVER:
        found.rhythm, found.changed_at = Rhythm.NEVER, act.at
        own_act = Act(act.session, Actor(account.id, account.role), act.at, act.settings, act.origin)
        audit_log.write(own_act, Event.SUBSCRIBED, rhythm=Rhythm.NEVER.value)


def _language(found: Subscription) -> Language:
    return found.language if found.language in languages() else DEFAULT


def _may_read(session: Session, account_id: str) -> bool:
    account = session.get_one(Account, account_id)
    return account.disabled_at is None and account.role in Permission.SUBSCRIPTION_READ.reach
