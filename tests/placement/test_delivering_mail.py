"""Mail to a real server: it arrives once; whatever the server does, nothing is lost, and the row says how it stands."""

import io
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from post_office import Mailbox, mail_server, make_certificate, silent_server
from pypdf import PdfReader
from sqlmodel import select
from story import AT, one_store

from placement.core import clock
from placement.core.codes import Channel, MailForm, MessageKind, MessageStatus, Rhythm, Role
from placement.core.context import Actor
from placement.core.settings import Smtp
from placement.jobs.daily import make_report
from placement.notifications import emails as letters
from placement.notifications import subscriptions as subscribing
from placement.notifications.delivery import deliver_mail
from placement.outbox import outbox, smtp
from placement.outbox.outbox import CLAIMED_FOR, TRIED_FOR, Result, wait_after
from placement.reports import store as storing
from placement.reports.render.csv import csv_of
from placement.reports.summary import first_sentence
from placement.reports.visibility import for_reader
from placement.tables import Account, AuditEvent, Message

ADDRESS = "https://placement.example"


@pytest.fixture
def readers(town, monkeypatch):
    """Three who get the report every day, the second in English; the clock is the story's."""
    monkeypatch.setattr(clock, "now", lambda: town.at)
    town.having(address=ADDRESS)
    for number, language in enumerate(("nl", "en", "nl"), start=1):
        account(town, f"A-{number}")
        reader = Actor(f"A-{number}", Role.READER)
        town.do(subscribing.choose, subscribing.Wish(Rhythm.DAILY, language, MailForm.LINK), actor=reader)
    return town


def account(town, name, role=Role.READER):
    with town.act() as act:
        act.session.add(
            Account(id=name, email=f"{name.lower()}@reader.example", role=role, password_hash="-", totp_secret="-")  # noqa: S106
        )


def put_out(town):
    """As the job of the day does it; how many mails it put out."""
    before = len(rows(town))
    town.do(make_report, town.at)
    return len(rows(town)) - before


def deliver(town, server):
    town.having(smtp=server)
    return deliver_mail(town.database, town.settings)


def rows(town):
    return town.all(select(Message).order_by(Message.account_id))


def standing(town):
    return [(row.status.value, row.trouble) for row in rows(town)]


def test_a_mail_says_one_sentence_in_the_readers_language_with_a_link_and_nothing_else(readers):
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
    with readers.act() as act:
        report = storing.report_of(storing.stored_on(act, AT.date()))
    assert first_sentence(report, "en") in text
    assert first_sentence(report, "nl") in dutch.get_body(("plain",)).get_content()
    assert f"{ADDRESS}/reports/2026-11-24" in text
    page = english.get_body(("html",)).get_content()
    assert '<html lang="en">' in page
    assert "<script" not in page
    assert list(english.iter_attachments()) == []
    assert english["Auto-Submitted"] == "auto-generated"
    assert set(box.ids) == {f"<{row.id}@placement.example>" for row in rows(readers)}
    assert standing(readers) == [("delivered", None)] * 3
    for mail in box.as_sent:  # as mail programs look for it (RFC 8058), not as words (RFC 2047)
        assert f"\r\nList-Unsubscribe: <{ADDRESS}/unsubscribe/".encode() in mail


def test_the_table_comes_with_the_mail_where_she_chose_it_and_holds_what_she_may_read(readers):
    for name, form in (("A-1", MailForm.CSV), ("A-2", MailForm.LINK)):
        wish = subscribing.Wish(Rhythm.DAILY, "nl", form)
        readers.do(subscribing.choose, wish, actor=Actor(name, Role.READER))
    put_out(readers)
    box = Mailbox()
    with mail_server(box) as server:
        deliver(readers, server)
    mails = {mail["To"]: list(mail.iter_attachments()) for mail in box.arrived}
    [table] = mails["a-1@reader.example"]
    assert mails["a-2@reader.example"] == []
    assert (table.get_filename(), table.get_content_type()) == ("report-2026-11-24.csv", "text/csv")
    with readers.act() as act:
        report = storing.report_of(storing.stored_on(act, AT.date()))
    expected = csv_of(for_reader(report, Actor("A-1", Role.READER)))
    assert table.get_content().split() == expected.split()
    assert "Opvang" not in expected  # a reader sees totals


@one_store
def test_the_report_comes_as_a_pdf_where_she_chose_it(readers):
    wish = subscribing.Wish(Rhythm.DAILY, "en", MailForm.PDF)
    readers.do(subscribing.choose, wish, actor=Actor("A-1", Role.READER))
    put_out(readers)
    box = Mailbox()
    with mail_server(box) as server:
        deliver(readers, server)
    [mail] = [mail for mail in box.arrived if mail["To"] == "a-1@reader.example"]
    [paper] = mail.iter_attachments()
    assert (paper.get_filename(), paper.get_content_type()) == ("report-2026-11-24.pdf", "application/pdf")
    assert PdfReader(io.BytesIO(paper.get_content())).trailer["/Root"]["/Lang"] == "en"


def test_what_was_put_out_is_put_out_once_and_only_with_what_it_tells_of(readers):
    assert (put_out(readers), put_out(readers)) == (3, 0)

    def fails(act):
        make_report(act, readers.at)
        raise RuntimeError

    readers.later(days=1)
    with pytest.raises(RuntimeError):
        readers.do(fails)
    assert len(rows(readers)) == 3


def test_a_server_that_is_down_for_a_day_loses_nothing_and_gets_nothing_twice(readers):
    put_out(readers)
    box, tries = Mailbox(), 0
    with silent_server() as port:
        down = Smtp("127.0.0.1", port, "none", "x@placement.example")
    while readers.at < AT + timedelta(days=1):
        deliver(readers, down)
        readers.later(minutes=30)
        tries += 1
    assert standing(readers) == [("waiting", "no_connection")] * 3
    assert max(row.attempts for row in rows(readers)) < tries  # it backs off
    assert put_out(readers) == 3  # of the next day
    with mail_server(box) as server:
        for _ in range(3):
            deliver(readers, server)
            readers.later(hours=1)
    assert len(box.ids) == len(set(box.ids)) == 6
    assert {row.status for row in rows(readers)} == {MessageStatus.DELIVERED}


def test_one_refused_address_is_given_up_and_seen_and_the_others_arrive(readers):
    put_out(readers)
    box = Mailbox()
    box.refused["a-2@reader.example"] = "550 no such person a-2@reader.example"
    with mail_server(box) as server:
        deliver(readers, server)
        assert standing(readers) == [("delivered", None), ("failed", "smtp_550"), ("delivered", None)]
        [line] = readers.all(select(AuditEvent).where(AuditEvent.event == "message:failed"))
        assert line.facts == {"kind": "report.made", "why": "smtp_550"}
        box.refused.clear()
        readers.do(outbox.retry, rows(readers)[1].id)
        deliver(readers, server)
    assert standing(readers) == [("delivered", None)] * 3


def test_what_is_refused_for_now_is_tried_again_later_and_later(readers):
    put_out(readers)
    box = Mailbox()
    box.refused["a-2@reader.example"] = "451 later"
    with mail_server(box) as server:
        for _ in range(3):
            deliver(readers, server)
        assert standing(readers)[1] == ("waiting", "smtp_451")
        assert rows(readers)[1].attempts == 1  # not before its time
        readers.later(days=3, seconds=-1)
        deliver(readers, server)
        assert standing(readers)[1] == ("waiting", "smtp_451")
        readers.later(hours=1)
        deliver(readers, server)
        assert standing(readers)[1] == ("failed", "smtp_451")
    assert len(box.ids) == len(set(box.ids)) == 2
    assert [wait_after(tries).total_seconds() for tries in (1, 2, 3, 7, 8, 99)] == [30, 60, 120, 1920, 3600, 3600]


@one_store
@pytest.mark.parametrize(("answer", "expected"), [("554 spam", "failed"), ("452 full", "waiting")])
def test_a_mail_that_is_refused_itself_fares_as_the_code_says(readers, answer, expected):
    put_out(readers)
    box = Mailbox()
    box.instead_of_taking = answer
    with mail_server(box) as server:
        deliver(readers, server)
    assert {row.status.value for row in rows(readers)} == {expected}


@one_store
def test_a_server_that_hangs_is_asked_once_and_the_rest_waits(readers):
    readers.having(mail_within_seconds=0.2)
    put_out(readers)
    with silent_server() as port:
        deliver(readers, Smtp("127.0.0.1", port, "none", "x@placement.example"))
    assert sorted(map(str, standing(readers))) == sorted(
        ["('waiting', 'no_answer_in_time')", "('waiting', None)", "('waiting', None)"]
    )
    assert sum(row.attempts for row in rows(readers)) == 1


@one_store
@pytest.mark.parametrize("tls", ["starttls", "tls"])
def test_with_tls_it_arrives_at_a_server_that_is_trusted_and_at_no_other(readers, tmp_path, monkeypatch, tls):
    make_certificate(tmp_path)
    put_out(readers)
    box = Mailbox()
    with mail_server(box, tls, tmp_path) as server:
        deliver(readers, server)
        assert box.ids == []
        assert {trouble for _, trouble in standing(readers)} == {"tls_failed", None}
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "trusted.pem"))
        readers.later(minutes=1)
        deliver(readers, server)
    assert standing(readers) == [("delivered", None)] * 3


@one_store
def test_a_server_without_starttls_gets_no_mail_in_plain(readers):
    put_out(readers)
    box = Mailbox()
    with mail_server(box) as server:
        deliver(readers, replace(server, tls="starttls"))
    assert (box.seen, standing(readers)[0][0]) == (0, "waiting")


def test_of_several_who_deliver_at_once_each_mail_is_sent_by_one(readers):
    put_out(readers)
    box, together = Mailbox(), threading.Barrier(3)
    with mail_server(box) as server:
        readers.having(smtp=server)

        def one():
            together.wait()
            deliver_mail(readers.database, readers.settings)

        threads = [threading.Thread(target=one) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(box.ids) == len(set(box.ids)) == 3


def test_who_was_killed_between_sending_and_settling_leaves_it_to_be_sent_once_more_with_the_same_id(readers):
    put_out(readers)
    box = Mailbox()
    with mail_server(box) as server:
        readers.having(smtp=server)
        claimed = outbox.claim(readers.database, readers.at, Channel.MAIL, ())
        with readers.database.transaction() as session:
            letter = letters.letter_of(session, readers.settings, server, claimed, readers.at)
        assert smtp.send(server, letter, 10) == smtp.Sent(outbox.DELIVERED)  # and then it is gone
        assert deliver(readers, server) == 2
        readers.later(seconds=CLAIMED_FOR.total_seconds())
        assert deliver(readers, server) == 1
        with readers.database.transaction() as session:
            outbox.settle(session, readers.settings, readers.at, claimed, Result("no_connection"))  # too late
    assert (len(box.ids), len(set(box.ids))) == (4, 3)
    assert standing(readers) == [("delivered", None)] * 3


@one_store
def test_without_a_server_it_waits_and_for_a_disabled_account_it_is_given_up(readers):
    put_out(readers)
    assert deliver(readers, None) == 0
    assert {row.attempts for row in rows(readers)} == {0}
    with readers.act() as act:
        act.session.get_one(Account, "A-1").disabled_at = readers.at
    with mail_server(Mailbox()) as server:
        deliver(readers, server)
    assert standing(readers)[0] == ("failed", "account_disabled")


@one_store
def test_a_link_in_a_mail_ends_the_subscription_and_what_still_waits_is_not_sent(readers):
    put_out(readers)
    with readers.act() as act:
        token = subscribing.token_of(act.session, "A-1")
    readers.do(subscribing.end, token)
    readers.do(subscribing.end, token)
    box = Mailbox()
    with mail_server(box) as server:
        deliver(readers, server)
    assert standing(readers)[0] == ("moot", None)
    assert len(box.arrived) == 2
    lines = readers.all(select(AuditEvent).where(AuditEvent.actor == "A-1").order_by(AuditEvent.id))
    assert [(line.event, line.facts["rhythm"]) for line in lines] == [
        ("subscription:changed", "daily"),
        ("subscription:changed", "never"),
    ]
    name, _, secret = token.partition(".")
    for wrong in (name, f"{name}.", f"{name}.{secret[:-1]}", f"N-0.{secret}", "", "é.é"):
        with pytest.raises(subscribing.Unauthenticated):
            readers.do(subscribing.end, wrong)


@pytest.mark.parametrize(
    ("rhythm", "days"),
    [(Rhythm.NEVER, ""), (Rhythm.DAILY, "0123456"), (Rhythm.WEEKDAYS, "01234"), (Rhythm.WEEKLY, "0")],
)
def test_each_rhythm_has_its_days_of_the_week(rhythm, days):
    monday = AT.date() - timedelta(days=1)
    assert "".join(str(day) for day in range(7) if subscribing.is_due(rhythm, monday + timedelta(days=day))) == days


def test_a_message_is_tried_longer_than_a_weekend_lasts():
    assert timedelta(hours=62) < TRIED_FOR  # from Friday 18:00 to Monday 08:00


def test_every_kind_that_goes_by_mail_has_words_in_both_languages():
    assert set(letters.WORDS) == set(MessageKind) - {MessageKind.WEBHOOK_TRIED}
