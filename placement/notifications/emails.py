"""The content of mails: a sentence and a link, as text and as HTML, without persons and places.

A stranger who reads a mail, on a screen or in a hacked mailbox, learns only that something waits.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from enum import StrEnum
from html import escape
from typing import Any
from urllib.parse import urlsplit

from babel.dates import format_date
from babel.dates import format_datetime as in_words
from babel.numbers import format_decimal
from sqlmodel import Session, select

from placement.access import account_lookup
from placement.access.case_access import ASKS_THE_DESK
from placement.accounts.api_keys import is_replaced
from placement.accounts.sessions import actor_for
from placement.core import clock
from placement.core.clock import AMSTERDAM, day_of
from placement.core.codes import DecisionStatus, HoldStatus, MessageKind, Sees, StayStatus
from placement.core.context import SYSTEM, Act
from placement.core.notice_codes import MailForm
from placement.core.second_person_codes import SecondPersonStatus
from placement.core.setting_parts import Smtp
from placement.core.settings import Settings
from placement.notifications import duty_sheet, subscriptions, task_notices
from placement.outbox.deliveries import Delivery
from placement.placements.decisions.provisional_review import is_kept
from placement.reports import store as report_store
from placement.reports.model import Report
from placement.reports.render.csv import csv_of
from placement.reports.render.pdf import is_installed, pdf_of
from placement.reports.summary import first_sentence
from placement.tables import (
    Account,
    ApiKey,
    Decision,
    Hold,
    Proposal,
    Registration,
    SecondPersonRequest,
    SentRegistration,
    Stay,
)
from placement.text.catalogue import Language, translate
from placement.text.labels import label

PATHS = {
    MessageKind.REPORT_MADE: "/reports/{on}",
    MessageKind.HOLD_ASKED: "/holds",
    MessageKind.HOLD_SETTLED: "/holds",
    MessageKind.HOLD_RELEASED: "/holds",
    MessageKind.HOLD_EXPIRED: "/",
    MessageKind.HOLD_CONFIRMED: "/holds",
    MessageKind.HOLD_REFUSED: "/",
    MessageKind.COUNT_ASKED: "/capacity",
    MessageKind.DECISION_WAITS: "/",
    MessageKind.DECISION_REFUSED: "/",
    MessageKind.DECISION_LAPSED: "/",
    MessageKind.DECISION_CHANGED: "/holds",
    MessageKind.ARRIVAL_POSTPONED: "/holds",
    MessageKind.ARRIVED: "/stays",
    MessageKind.ARRIVAL_REVERSED: "/holds",
    MessageKind.NO_SHOW: "/",
    MessageKind.NO_SHOW_REVERSED: "/holds",
    MessageKind.STAY_BROKEN_OFF: "/",
    MessageKind.STAY_END_REVERSED: "/stays",
    MessageKind.CLIENT_MISSING: "/",
    MessageKind.SEARCH_ENDED: "/",
    MessageKind.CASE_CLOSED: "/registrations?status=closed",
    MessageKind.CASE_REOPENED: "/",
    MessageKind.HOLD_WAITS: "/holds",
    MessageKind.STAY_IS_LONG: "/stays",
    MessageKind.COUNT_IS_MISSING: "/capacity",
    MessageKind.KEY_ENDS: "/account#keys",
    MessageKind.TASK_DUE: "/",
    MessageKind.CHANGE_ASKED: "/second-person",
    MessageKind.CHANGE_ANSWERED: "/second-person?settled=true",
    MessageKind.TELEPHONE_ENTERED: "/telephone",
    MessageKind.NUMBERS_CHANGED: "/shelters",
    MessageKind.SENT_ASKED: "/sent",
    MessageKind.SENT_CLOSED: "/sent",
    MessageKind.SENT_REOPENED: "/sent",
    MessageKind.SHEET_MADE: "/",
    MessageKind.WEBHOOK_DISABLED: "/webhooks",
}
"""The path of a mail's link, by kind of message. `{name}` stands for a fact of the message. The catalogue contains the
texts (`mail.subject`, `mail.sentence`).
"""

_POLICY = SMTP.clone(max_line_length=998)
"""The format of mails with the longest allowed lines (RFC 5322), so that no address in a header is encoded."""

_BANNER = '<p style="background:#6b2c91;color:#ffffff;padding:8px"><strong>{}</strong></p>'
"""The banner above a mail of a practice room, in the colour of its pages."""

_OF_PLACERS = frozenset(
    {
        MessageKind.HOLD_REFUSED,
        MessageKind.HOLD_EXPIRED,
        MessageKind.DECISION_REFUSED,
        MessageKind.DECISION_LAPSED,
        MessageKind.NO_SHOW,
        MessageKind.STAY_BROKEN_OFF,
    }
)
"""The kinds of messages that the coordinator or the desk needs only while the case seeks a place."""


def is_moot(session: Session, message: Delivery, told: task_notices.LastTold | None = None) -> bool:
    """Checks whether a message is useless, because its subject has ended. `told`: the time of each account's last mail
    about tasks, shared by the mails of a run.
    """
    if message.kind is MessageKind.TASK_DUE:
        return task_notices.is_over(session, message, clock.now(), told or task_notices.LastTold())
    is_over = _OVER.get(message.kind)
    if is_over is not None and is_over(session, message):
        return True
    to_placers = message.kind in _OF_PLACERS and not _to_a_shelter(session, message)
    return to_placers and not _case_of(session, message).status.is_sought_for


Over = Callable[[Session, Delivery], bool]


def _unless(table: type[Any], fact: str, *waiting: StrEnum) -> Over:
    """Returns a function that checks whether a message is useless. It reads the row whose id is the message's fact
    `fact`, and returns true if the row's status is not in `waiting`.
    """
    return lambda session, message: session.get_one(table, message.facts[fact]).status not in waiting


def _is_unexpected(session: Session, message: Delivery) -> bool:
    planned = select(Stay.id).where(Stay.hold_id == message.facts["hold"], Stay.status == StayStatus.PLANNED)
    return session.exec(planned).first() is None


def _is_searched_for_no_more(session: Session, message: Delivery) -> bool:
    stay = session.get_one(Stay, message.facts["stay"])
    return not session.get_one(Registration, stay.registration_id).is_searched_for


def _is_given_back(session: Session, message: Delivery) -> bool:
    held = session.get_one(Hold, message.facts["hold"])
    return not is_kept(held, session.exec(select(Stay).where(Stay.hold_id == held.id)).first())


def _is_decided_otherwise(session: Session, message: Delivery) -> bool:
    return session.get_one(Decision, message.facts["decision"]).status.value != str(message.facts["status"])


def _is_answered(session: Session, message: Delivery) -> bool:
    """Checks whether a question to a registrant is closed: answered, withdrawn, or erased with its case."""
    row = session.get(SentRegistration, message.facts["sent"])
    return row is None or message.facts["question"] not in {one.id for one in row.content.open_questions}


def _is_no_loss(session: Session, message: Delivery) -> bool:
    key = session.get(ApiKey, message.facts["key"])
    return key is None or key.revoked_at is not None or is_replaced(session, key, key.expires_at)


_OVER: dict[MessageKind, Over] = {
    MessageKind.HOLD_WAITS: _unless(Hold, "hold", HoldStatus.WAITING_FOR_SHELTER),
    MessageKind.HOLD_ASKED: _unless(Hold, "hold", HoldStatus.WAITING_FOR_SHELTER),
    MessageKind.HOLD_SETTLED: _is_given_back,
    MessageKind.HOLD_CONFIRMED: _is_unexpected,
    MessageKind.ARRIVAL_POSTPONED: _is_unexpected,
    MessageKind.ARRIVED: _unless(Stay, "stay", StayStatus.IN_HOUSE, StayStatus.ENDED),
    MessageKind.ARRIVAL_REVERSED: _unless(Stay, "stay", StayStatus.PLANNED),
    MessageKind.NO_SHOW: _unless(Stay, "stay", StayStatus.ENDED),
    MessageKind.NO_SHOW_REVERSED: _unless(Stay, "stay", StayStatus.PLANNED),
    MessageKind.STAY_END_REVERSED: _unless(Stay, "stay", StayStatus.IN_HOUSE),
    MessageKind.CLIENT_MISSING: _is_searched_for_no_more,
    MessageKind.COUNT_ASKED: _unless(Decision, "decision", DecisionStatus.WAITING_FOR_SHELTER),
    MessageKind.DECISION_CHANGED: _is_decided_otherwise,
    MessageKind.CHANGE_ASKED: _unless(SecondPersonRequest, "change", SecondPersonStatus.ASKED),
    MessageKind.DECISION_WAITS: _unless(Decision, "decision", *ASKS_THE_DESK),
    MessageKind.SENT_ASKED: _is_answered,
    MessageKind.STAY_IS_LONG: _unless(Stay, "stay", StayStatus.IN_HOUSE),
    MessageKind.KEY_ENDS: _is_no_loss,
    MessageKind.SHEET_MADE: lambda _, message: clock.now() > message.try_until,
    MessageKind.REPORT_MADE: lambda session, message: subscriptions.token_of(session, str(message.account_id)) is None,
}


def _to_a_shelter(session: Session, message: Delivery) -> bool:
    account = session.get(Account, message.account_id)
    return account is not None and account.role.sees is Sees.SHELTER


def _case_of(session: Session, message: Delivery) -> Registration:
    if "decision" in message.facts:
        proposal = session.get_one(Decision, message.facts["decision"]).proposal_id
        return session.get_one(Registration, session.get_one(Proposal, proposal).registration_id)
    if "hold" in message.facts:
        return session.get_one(Registration, session.get_one(Hold, message.facts["hold"]).registration_id)
    return session.get_one(Registration, session.get_one(Stay, message.facts["stay"]).registration_id)


def email_of(
    session: Session, settings: Settings, server: Smtp, message: Delivery, at: datetime
) -> EmailMessage | None:
    """Returns the mail; `None` if the recipient can no longer sign in."""
    account_id = str(message.account_id)
    if not account_lookup.is_at_work(session, account_id):
        return None
    language = subscriptions.language_of(session, account_id, of_report=message.kind is MessageKind.REPORT_MADE)
    facts = _facts(message, language)
    report = _report(Act(session, SYSTEM, at, settings), message, account_id)
    if report is not None:
        facts["sentence"] = first_sentence(report, language)
    email = EmailMessage(policy=_POLICY)
    email["From"] = server.sender
    email["To"] = session.get_one(Account, account_id).email
    banner = translate("practice", "banner", language) if settings.practice else ""
    mark = f"[{translate('practice', 'mark', language)}] " if banner else ""
    email["Subject"] = mark + translate("mail.subject", message.kind, language, **facts)
    email["Date"] = format_datetime(at)
    email["Message-ID"] = f"<{message.id}@{urlsplit(settings.address).hostname or 'localhost'}>"
    email["Auto-Submitted"] = "auto-generated"
    sentence = translate("mail.sentence", message.kind, language, **facts)
    token = subscriptions.token_of(session, account_id) if message.kind is MessageKind.REPORT_MADE else None
    stop = f"{settings.address}/unsubscribe/{token}" if token else None
    if stop:
        email["List-Unsubscribe"] = f"<{stop}>"
        email["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    said = [banner, sentence] if banner else [sentence]
    _write(email, language, said, settings.address + PATHS[message.kind].format(**facts), stop)
    if message.kind is MessageKind.SHEET_MADE:
        act = Act(session, SYSTEM, at, settings)
        sealed, name = duty_sheet.encrypted(act, language), duty_sheet.file_name(act)
        email.add_attachment(sealed, maintype="application", subtype="octet-stream", filename=name)
    form = subscriptions.form_of(session, account_id)
    if report is not None and form is not MailForm.LINK:
        _enclose(email, report, form, language)
    email["Content-Language"] = language  # this header must be set last: each content that is added removes it
    return email


def _enclose(email: EmailMessage, report: Report, form: MailForm, language: Language) -> None:
    """Adds the attachment that the user chose. If the extra `pdf` is not installed, attaches the table (CSV) instead of
    a PDF.
    """
    if form is MailForm.PDF and not is_installed():
        form = MailForm.CSV
    name = f"report-{report.on}.{form}"
    if form is MailForm.PDF:
        email.add_attachment(pdf_of(report, language), maintype="application", subtype="pdf", filename=name)
    else:
        email.add_attachment(csv_of(report), subtype="csv", filename=name)


def _report(act: Act, message: Delivery, account_id: str) -> Report | None:
    """Returns the report that the mail is about, as the recipient's role sees it. Returns `None` for a mail of another
    kind.
    """
    if message.kind is not MessageKind.REPORT_MADE:
        return None
    reader = actor_for(act.session, act.session.get_one(Account, account_id), act.at, frozenset({"read"}))
    return report_store.seen_by(reader, report_store.stored_on(act, date.fromisoformat(message.facts["day"])))


def _write(email: EmailMessage, language: Language, said: Sequence[str], link: str, stop: str | None) -> None:
    """Writes the text of the mail, as plain text and as HTML. `said`: the sentence, after the banner in a practice
    room. `link`: the link to the subject of the mail. `stop`: the link to unsubscribe, if any.
    """
    *banner, sentence = said
    open_it, why = translate("mail", "open", language), translate("mail", "why", language)
    stop_it = translate("mail", "stop", language)
    end = [f"{stop_it}:\r\n{stop}"] if stop else []
    email.set_content("\r\n\r\n".join([*said, f"{open_it}:\r\n{link}", f"-- \r\n{why}", *end]) + "\r\n")
    above = "".join(_BANNER.format(escape(one)) for one in banner)
    last = f'<br><a href="{escape(stop)}">{escape(stop_it)}</a>' if stop else ""
    email.add_alternative(
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{escape(sentence)}</title></head>'
        f"<body>{above}<p>{escape(sentence)}</p>"
        f'<p><a href="{escape(link)}">{escape(open_it)}</a></p>'
        f"<p><small>{escape(why)}{last}</small></p></body></html>",
        subtype="html",
    )


def _facts(message: Delivery, language: Language) -> dict[str, object]:
    facts = dict(message.facts)
    if message.kind is MessageKind.REPORT_MADE:
        facts["on"] = facts["day"]
    if "day" in facts and message.kind is not MessageKind.STAY_IS_LONG:  # in these mails, `day` is a number
        facts["day"] = format_date(date.fromisoformat(facts["day"]), "d MMMM y", locale=language)
    due = datetime.fromisoformat(facts["due"]) if "due" in facts else message.try_until
    same_day = day_of(due) == day_of(message.made_at)
    facts["until"] = in_words(due, "HH:mm" if same_day else "EEEE HH:mm", AMSTERDAM, language)
    if message.kind is MessageKind.DECISION_CHANGED:
        facts["status"] = label("DecisionStatus", facts["status"], language)
    if message.kind is MessageKind.HOLD_WAITS:
        facts["hours"] = format_decimal(facts["hours"], locale=language)
    return facts
