"""Mail to a real server: each arrives once, no mail is lost whatever the server does, and the row has the status."""

import io
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from pypdf import PdfReader

from placement.accounts import details
from placement.accounts.details import Details
from placement.core.codes import Channel, MessageKind, MessageStatus, Role
from placement.core.context import Actor
from placement.core.notice_codes import MailForm, Rhythm
from placement.core.setting_parts import Smtp
from placement.jobs.daily import make_report
from placement.notifications import delivery, emails, subscriptions
from placement.notifications.delivery import deliver_mail
from placement.outbox import outbox, smtp
from placement.outbox.outbox import CLAIMED_FOR, TRIED_FOR, Result, wait_after
from placement.reports import store as report_store
from placement.reports.render.csv import csv_of
from placement.reports.summary import first_sentence
from placement.tables import Account
from tests.support.audit_log import logged
from tests.support.mail_server import Mailbox, mail_server, make_certificate, silent_server
from tests.support.report_mails import ADDRESS, deliver, delivery_states, put_out, rows
from tests.support.simultaneous_acts import at_once
from tests.support.stores import one_store
from tests.support.town import AT


def seen_by_reader(readers):
    with readers.act() as act:
        return report_store.seen_by(Actor("A-1", Role.READER), report_store.stored_on(act, AT.date()))


@pytest.mark.wide
def test_report_mail_is_one_translated_sentence_with_a_link(readers):
    assert put_out(readers) == 3
    box = Mailbox()
    with mail_server(box) as server:
        assert deliver(readers, server) == 3
    dutch, english, _ = sorted(box.arrived, key=lambda mail: mail["To"])
    assert (dutch["Subject"], english["Subject"]) == (
        "Capaciteitsrapport van 24 november 2026",
        "Capacity report of 24 November 2026",
    )
    text = english.get_body(("plain",)).get_content()
    report = seen_by_reader(readers)
    assert first_sentence(report, "en") in text
    assert first_sentence(report, "nl") in dutch.get_body(("plain",)).get_content()
    assert f"{ADDRESS}/reports/2026-11-24" in text
    page = english.get_body(("html",)).get_content()
    assert '<html lang="en">' in page
    assert "<script" not in page
    assert list(english.iter_attachments()) == []
    assert english["Auto-Submitted"] == "auto-generated"
    assert set(box.ids) == {f"<{row.id}@placement.example>" for row in rows(readers)}
    assert delivery_states(readers) == [("delivered", None)] * 3
    for mail in box.as_sent:  # as mail programs look for it (RFC 8058), not as words (RFC 2047)
        assert f"\r\nList-Unsubscribe: <{ADDRESS}/unsubscribe/".encode() in mail


@pytest.mark.wide
def test_report_mail_with_csv_holds_what_the_reader_may_see(readers):
    for name, form in (("A-1", MailForm.CSV), ("A-2", MailForm.LINK)):
        wish = subscriptions.Wish(Rhythm.DAILY, "nl", form)
        readers.do(subscriptions.choose, wish, actor=Actor(name, Role.READER))
    put_out(readers)
    box = Mailbox()
    with mail_server(box) as server:
        deliver(readers, server)
    mails = {mail["To"]: list(mail.iter_attachments()) for mail in box.arrived}
    [table] = mails["a-1@reader.example"]
    assert mails["a-2@reader.example"] == []
    assert (table.get_filename(), table.get_content_type()) == ("report-2026-11-24.csv", "text/csv")
    expected = csv_of(seen_by_reader(readers))
    assert table.get_content().split() == expected.split()
    assert "Opvang" not in expected  # a reader sees totals


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("extra", [True, False], ids=["with extra", "without extra"])
def test_report_mail_with_pdf_where_chosen(readers, monkeypatch, extra):
    """Without the extra `pdf` the mail has the table."""
    if not extra:
        monkeypatch.setitem(sys.modules, "typst", None)
    wish = subscriptions.Wish(Rhythm.DAILY, "en", MailForm.PDF)
    readers.do(subscriptions.choose, wish, actor=Actor("A-1", Role.READER))
    put_out(readers)
    box = Mailbox()
    with mail_server(box) as server:
        deliver(readers, server)
    [mail] = [mail for mail in box.arrived if mail["To"] == "a-1@reader.example"]
    [paper] = mail.iter_attachments()
    if not extra:
        assert paper.get_filename() == "report-2026-11-24.csv"
        return
    assert (paper.get_filename(), paper.get_content_type()) == ("report-2026-11-24.pdf", "application/pdf")
    assert PdfReader(io.BytesIO(paper.get_content())).trailer["/Root"]["/Lang"] == "en"


@pytest.mark.wide
def test_mail_is_in_the_language_that_its_actor_chose(readers):
    """The report in that of its subscription; without a choice all are."""
    one = Actor("A-1", Role.READER, session_id="S-1")
    readers.do(details.change, Details("Medewerker 1", language="en"), actor=one)
    put_out(readers)
    readers.do(outbox.put, MessageKind.WEBHOOK_DISABLED, "W-1", accounts=["A-1", "A-2", "A-3"], webhook="W-1")
    box = Mailbox()
    with mail_server(box) as server:
        deliver(readers, server)
    languages = {}
    for mail in sorted(box.arrived, key=lambda mail: "/reports/" in mail.as_string()):
        languages.setdefault(mail["To"], []).append(mail["Content-Language"])
    assert languages == {
        "a-1@reader.example": ["en", "nl"],
        "a-2@reader.example": ["en", "en"],
        "a-3@reader.example": ["nl", "nl"],
    }


@pytest.mark.wide
def test_report_mail_is_queued_once_with_its_report(readers):
    assert (put_out(readers), put_out(readers)) == (3, 0)

    def fails(act):
        make_report(act, readers.at)
        raise RuntimeError

    readers.later(days=1)
    with pytest.raises(RuntimeError):
        readers.do(fails)
    assert len(rows(readers)) == 3


@pytest.mark.wide
def test_mail_server_down_for_a_day_loses_and_doubles_nothing(readers):
    put_out(readers)
    box, tries = Mailbox(), 0
    with silent_server() as port:
        down = Smtp("127.0.0.1", port, "none", "x@placement.example")
    while readers.at < AT + timedelta(days=1):
        deliver(readers, down)
        readers.later(minutes=30)
        tries += 1
    assert delivery_states(readers) == [("waiting", "no_connection")] * 3
    assert max(row.attempts for row in rows(readers)) < tries  # it backs off
    assert put_out(readers) == 3  # of the next day
    with mail_server(box) as server:
        for _ in range(3):
            deliver(readers, server)
            readers.later(hours=1)
    assert len(box.ids) == len(set(box.ids)) == 6
    assert {row.status for row in rows(readers)} == {MessageStatus.DELIVERED}


@pytest.mark.wide
def test_refused_recipient_is_given_up_the_others_arrive(readers):
    put_out(readers)
    box = Mailbox()
    box.refused["a-2@reader.example"] = "550 no such person a-2@reader.example"
    with mail_server(box) as server:
        deliver(readers, server)
        assert delivery_states(readers) == [("delivered", None), ("failed", "smtp_550"), ("delivered", None)]
        [line] = logged(readers, event="message:failed")
        assert line.facts == {"kind": "report.made", "why": "smtp_550"}
        box.refused.clear()
        readers.do(outbox.retry, rows(readers)[1].id)
        deliver(readers, server)
    assert delivery_states(readers) == [("delivered", None)] * 3


@pytest.mark.wide
def test_mail_refused_temporarily_backs_off(readers):
    put_out(readers)
    box = Mailbox()
    box.refused["a-2@reader.example"] = "451 later"
    with mail_server(box) as server:
        for _ in range(3):
            deliver(readers, server)
        assert delivery_states(readers)[1] == ("waiting", "smtp_451")
        assert rows(readers)[1].attempts == 1  # not before its time
        readers.later(days=3, seconds=-1)
        deliver(readers, server)
        assert delivery_states(readers)[1] == ("waiting", "smtp_451")
        readers.later(hours=1)
        deliver(readers, server)
        assert delivery_states(readers)[1] == ("failed", "smtp_451")
    assert len(box.ids) == len(set(box.ids)) == 2
    assert [wait_after(tries).total_seconds() for tries in (1, 2, 3, 7, 8, 99)] == [30, 60, 120, 1920, 3600, 3600]


@pytest.mark.wide
@one_store
@pytest.mark.parametrize(("answer", "expected"), [("554 spam", "failed"), ("452 full", "waiting")])
def test_refused_mail_is_retried_or_given_up_by_its_code(readers, answer, expected):
    """A refused mail is given up once its server takes another mail: a server that refuses all mail can be mended."""
    put_out(readers)
    box = Mailbox()
    box.instead_of_taking = answer
    with mail_server(box) as server:
        deliver(readers, server)
        assert {row.status.value for row in rows(readers)} == {"waiting"}
        box.instead_of_taking = None
        box.refused = {"a-2@reader.example": answer}
        readers.later(minutes=1)
        deliver(readers, server)
    assert [row.status.value for row in rows(readers)] == ["delivered", expected, "delivered"]


@pytest.mark.wide
@one_store
def test_hanging_mail_server_is_asked_few_times_the_rest_waits(readers, monkeypatch):
    monkeypatch.setattr(delivery, "MAILS_AT_ONCE", 2)
    readers.having(mail_within_seconds=0.2)
    put_out(readers)
    with silent_server() as port:
        deliver(readers, Smtp("127.0.0.1", port, "none", "x@placement.example"))
    assert ("waiting", "no_answer_in_time") in delivery_states(readers)
    assert ("waiting", None) in delivery_states(readers)
    assert sum(row.attempts for row in rows(readers)) <= 2


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_mail_over_tls_goes_to_a_trusted_server_only(readers, tmp_path, monkeypatch, tls):
    make_certificate(tmp_path)
    put_out(readers)
    box = Mailbox()
    with mail_server(box, tls, tmp_path) as server:
        deliver(readers, server)
        assert box.ids == []
        assert {trouble for _, trouble in delivery_states(readers)} - {None} == {"certificate_not_trusted"}
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "trusted.pem"))
        readers.later(minutes=1)
        deliver(readers, server)
    assert delivery_states(readers) == [("delivered", None)] * 3


@pytest.mark.wide
@one_store
def test_a_server_without_starttls_gets_no_mail_in_plain(readers):
    put_out(readers)
    box = Mailbox()
    with mail_server(box) as server:
        deliver(readers, replace(server, tls="starttls"))
    assert (box.seen, delivery_states(readers)[0][0]) == (0, "waiting")


@pytest.mark.wide
def test_concurrent_delivery_sends_each_mail_once(readers):
    put_out(readers)
    box = Mailbox()
    with mail_server(box) as server:
        readers.having(smtp=server)
        at_once(*[lambda: deliver_mail(readers.database, readers.settings)] * 3)
    assert len(box.ids) == len(set(box.ids)) == 3


@pytest.mark.wide
def test_delivery_killed_after_sending_resends_with_the_same_id(readers):
    put_out(readers)
    box = Mailbox()
    with mail_server(box) as server:
        readers.having(smtp=server)
        claimed = outbox.Due(readers.database, Channel.MAIL).claim(readers.at)
        with readers.database.transaction() as session:
            email = emails.email_of(session, readers.settings, server, claimed, readers.at)
        assert smtp.send(server, email, 10) == smtp.Sent(outbox.DELIVERED)  # and then it is gone
        assert deliver(readers, server) == 2
        readers.later(seconds=CLAIMED_FOR.total_seconds())
        assert deliver(readers, server) == 1
        with readers.database.transaction() as session:
            outbox.settle(session, readers.settings, readers.at, claimed, Result("no_connection"))  # too late
    assert (len(box.ids), len(set(box.ids))) == (4, 3)
    assert delivery_states(readers) == [("delivered", None)] * 3


@pytest.mark.wide
@one_store
def test_mail_waits_without_server_is_given_up_for_disabled(readers):
    put_out(readers)
    assert deliver(readers, None) == 0
    assert {row.attempts for row in rows(readers)} == {0}
    with readers.act() as act:
        act.session.get_one(Account, "A-1").disabled_at = readers.at
    with mail_server(Mailbox()) as server:
        deliver(readers, server)
    assert delivery_states(readers)[0] == ("failed", "account_disabled")


@pytest.mark.wide
@one_store
def test_unsubscribe_link_ends_subscription_and_waiting_mails(readers):
    put_out(readers)
    with readers.act() as act:
        token = subscriptions.token_of(act.session, "A-1")
    readers.do(subscriptions.end, token)
    readers.do(subscriptions.end, token)
    box = Mailbox()
    with mail_server(box) as server:
        deliver(readers, server)
    assert delivery_states(readers)[0] == ("moot", None)
    assert len(box.arrived) == 2
    lines = logged(readers, actor="A-1")
    assert [(line.event, line.facts["rhythm"]) for line in lines] == [
        ("subscription:changed", "daily"),
        ("subscription:changed", "never"),
    ]
    name, _, secret = token.partition(".")
    for wrong in (name, f"{name}.", f"{name}.{secret[:-1]}", f"N-0.{secret}", "", "é.é"):
        with pytest.raises(subscriptions.Unauthenticated):
            readers.do(subscriptions.end, wrong)


@pytest.mark.parametrize(
    ("rhythm", "days"),
    [(Rhythm.NEVER, ""), (Rhythm.DAILY, "0123456"), (Rhythm.WEEKDAYS, "01234"), (Rhythm.WEEKLY, "0")],
)
def test_each_rhythm_has_its_weekdays(rhythm, days):
    monday = AT.date() - timedelta(days=1)
    assert "".join(str(day) for day in range(7) if subscriptions.is_due(rhythm, monday + timedelta(days=day))) == days


def test_a_message_is_tried_longer_than_a_weekend_lasts():
    assert timedelta(hours=62) < TRIED_FOR  # from Friday 18:00 to Monday 08:00


def test_every_mail_kind_has_a_text_in_both_languages():
    by_other_channels = {MessageKind.WEBHOOK_TRIED, MessageKind.ROOMS_CHANGED}
    by_other_channels |= {MessageKind.TASK_RINGS, MessageKind.DEVICE_ALLOWED}
    assert set(emails.PATHS) == set(MessageKind) - by_other_channels
