"""A server that needs a password, and mails that no server accepts: no mail is lost or doubled; rows have the cause."""

from dataclasses import replace
from datetime import timedelta

import pytest

from placement.core.codes import Channel, MessageStatus, StoreFact
from placement.core.setting_parts import Smtp
from placement.jobs.daily import make_report
from placement.notifications import delivery, emails
from placement.outbox import deliveries, outbox
from placement.outbox.outbox import TRIED_FOR
from placement.storage import store_records
from placement.tasks import set_up
from tests.support.mail_server import Mailbox, mail_server, make_certificate, signing_in
from tests.support.ports import free_port
from tests.support.report_mails import deliver, delivery_states, put_out, rows
from tests.support.stores import one_store
from tests.support.town import AT


@pytest.mark.wide
@one_store
def test_mail_with_wrong_password_waits_and_is_sent_once(readers, tmp_path, monkeypatch):
    make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "trusted.pem"))
    put_out(readers)
    box = Mailbox()
    with mail_server(box, "starttls", tmp_path, **signing_in("dienst", "Zeker-8 !")) as server:
        for user, password, trouble in (
            ("", "", "smtp_530"),
            ("dienst", "Zeker-8!", "smtp_sign_in_refused"),
            ("iemand", "Zeker-8 !", "smtp_sign_in_refused"),
        ):
            deliver(readers, replace(server, user=user, password=password))
            assert trouble in {told for _, told in delivery_states(readers)}
            readers.later(minutes=10)
        assert (box.arrived, {row.status for row in rows(readers)}) == ([], {MessageStatus.WAITING})
        for _ in range(2):
            deliver(readers, replace(server, user="dienst", password="Zeker-8 !"))  # noqa: S106
            readers.later(minutes=10)
    assert len(box.ids) == len(set(box.ids)) == 3
    assert delivery_states(readers) == [("delivered", None)] * 3


def fails_since(readers):
    with readers.act() as act:
        return set_up._mail_fails(replace(act, at=act.at + timedelta(days=9)), store_records.records(act.session))


@pytest.mark.wide
@one_store
def test_mail_server_away_is_recorded_until_it_takes_a_mail(readers):
    put_out(readers)
    deliver(readers, Smtp("127.0.0.1", free_port(), "none", "dienst@placement.example"))
    assert fails_since(readers) == (began := readers.at)
    readers.later(minutes=10)
    deliver(readers, Smtp("127.0.0.1", free_port(), "none", "dienst@placement.example"))
    assert fails_since(readers) == began
    readers.later(minutes=10)
    with mail_server(Mailbox()) as server:
        deliver(readers, server)
    assert fails_since(readers) is None


@pytest.mark.wide
@one_store
def test_mail_server_that_is_back_is_asked_where_no_mail_waits(readers, monkeypatch):
    put_out(readers)
    away = Smtp("127.0.0.1", free_port(), "none", "dienst@placement.example")
    deliver(readers, away)
    readers.later(minutes=10)
    with monkeypatch.context() as patch:
        patch.setattr(emails, "is_moot", lambda *_: True)
        deliver(readers, away)
    assert {state for state, _ in delivery_states(readers)} == {"moot"}
    deliver(readers, away)
    assert fails_since(readers) is not None
    with mail_server(Mailbox()) as server:
        deliver(readers, server)
    assert fails_since(readers) is None


def away_for_hours(readers):
    """A server that took nothing for so long that each mail waits for an hour; the last try is six minutes ago."""
    with readers.database.transaction() as session:
        store_records.record(session, StoreFact.MAIL_FAILS, readers.at - timedelta(hours=5))
        for found in deliveries.waiting_rows(session, Channel.MAIL):
            next_at = readers.at + outbox.wait_after(9) - timedelta(minutes=6)
            row = deliveries.locked(session, found.id)
            deliveries.change(row, readers.at, lambda _: True, attempts=9, next_at=next_at)


@pytest.mark.wide
@one_store
def test_mail_goes_once_its_server_is_back_whatever_its_pause(readers):
    """One waiting message is made due, and shows that the server takes mail; then all go, before their pause."""
    for ago in (1, 0):
        readers.do(make_report, readers.at - timedelta(days=ago))
    away_for_hours(readers)
    with mail_server(Mailbox()) as server:
        handed = [deliver(readers, server) for _ in range(3)]
    assert (handed, fails_since(readers)) == ([0, 3, 3], None)
    assert {state for state, _ in delivery_states(readers)} == {"delivered"}


@pytest.mark.wide
@one_store
def test_mail_that_its_server_refuses_is_tried_no_faster(readers):
    put_out(readers)
    away_for_hours(readers)
    box = Mailbox()
    box.instead_of_taking = "450 later"
    with mail_server(box) as server:
        for _ in range(10):
            deliver(readers, server)
    assert [row.attempts for row in rows(readers)] == [10, 10, 10]
    assert fails_since(readers) is not None


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("answer", ["450 later", "554 relay denied"])
def test_mail_server_that_refuses_all_loses_none_and_is_told(readers, answer):
    put_out(readers)
    box = Mailbox()
    box.refused = dict.fromkeys((f"a-{one}@reader.example" for one in (1, 2, 3)), answer)
    with mail_server(box) as server:
        for _ in range(10):
            deliver(readers, server)
            readers.later(hours=4)
        assert fails_since(readers) == AT
        assert delivery_states(readers) == [("waiting", f"smtp_{answer[:3]}")] * 3
        box.refused.popitem()
        for _ in range(3):
            deliver(readers, server)
            readers.later(hours=1)
    final = "failed" if answer.startswith("5") else "waiting"
    assert sorted(state for state, _ in delivery_states(readers)) == sorted(["delivered", final, final])
    assert fails_since(readers) is None


@pytest.mark.wide
@one_store
def test_mail_that_one_recipient_refuses_is_not_told_as_outage(readers):
    put_out(readers)
    box = Mailbox()
    with mail_server(box) as server:
        box.refused = {"a-2@reader.example": "452 full"}
        for _ in range(5):
            deliver(readers, server)
            readers.later(hours=1)
    assert delivery_states(readers)[1] == ("waiting", "smtp_452")
    assert fails_since(readers) is None


@one_store
def test_mail_server_that_goes_away_is_asked_no_more_this_round(readers, monkeypatch):
    """421: the server closes, of which this mail is not the cause."""
    monkeypatch.setattr(delivery, "MAILS_AT_ONCE", 1)
    put_out(readers)
    box = Mailbox()
    box.instead_of_taking = "421 going down"
    with mail_server(box) as server:
        deliver(readers, server)
    assert (box.seen, fails_since(readers)) == (1, AT)


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("wrong", [{"password": "wachtwoord-é", "user": "dienst"}, {"host": "x..example"}])
def test_mail_server_that_settings_cannot_reach_is_told(readers, tmp_path, monkeypatch, wrong):
    """The library refuses these settings before it sends anything: a password that is not ASCII, an invalid name."""
    make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "trusted.pem"))
    put_out(readers)
    with mail_server(Mailbox(), "starttls", tmp_path, **signing_in("dienst", "wachtwoord-é")) as server:
        assert deliver(readers, replace(server, **wrong)) == 0
    assert fails_since(readers) == AT
    troubles = {trouble for _, trouble in delivery_states(readers)}
    assert troubles <= {None, "smtp_sign_in_refused", "no_connection"} != troubles


@pytest.mark.wide
@one_store
def test_pause_of_a_mail_stays_while_its_server_is_away(readers):
    put_out(readers)
    away = Smtp("127.0.0.1", free_port(), "none", "dienst@placement.example")
    while any(row.attempts == 0 for row in rows(readers)):
        deliver(readers, away)
    tried = sum(row.attempts for row in rows(readers))
    deliver(readers, away)
    assert sum(row.attempts for row in rows(readers)) == tried
    assert fails_since(readers) is not None


@one_store
def test_mail_server_without_login_gets_no_mail_if_password_set(readers):
    put_out(readers)
    box = Mailbox()
    with mail_server(box) as server:
        deliver(readers, replace(server, user="dienst", password="Zeker-8 !"))  # noqa: S106
    assert box.seen == 0
    assert "smtp_sign_in_refused" in {told for _, told in delivery_states(readers)} <= {"smtp_sign_in_refused", None}


@pytest.mark.wide
@one_store
@pytest.mark.parametrize(
    ("spoilt", "trouble"),
    [
        ([("To", "josé@reader.example")], "address_not_taken"),
        ([("X-Addressee", "nobody")], "address_not_taken"),
        ([("To", "a-2@reader.example\r\nBcc: all@reader.example")], "cannot_be_written"),
        ([("Resent-Date", "Tue, 24 Nov 2026 08:00:00 +0100")] * 2, "cannot_be_written"),
    ],
)
def test_unsendable_mail_is_given_up_with_reason_others_arrive(readers, monkeypatch, spoilt, trouble):
    put_out(readers)
    told = emails.email_of

    def spoil(session, settings, server, message, at):
        letter = told(session, settings, server, message, at)
        if message.account_id == "A-2":
            for name, value in spoilt:
                del letter["To"]
                letter[name] = value
        return letter

    box = Mailbox()
    monkeypatch.setattr(emails, "email_of", spoil)
    with mail_server(box, enable_SMTPUTF8=False) as server:
        while readers.at < AT + TRIED_FOR + timedelta(hours=2):
            deliver(readers, server)
            readers.later(hours=1)
        assert delivery_states(readers) == [("delivered", None), ("failed", trouble), ("delivered", None)]
        monkeypatch.setattr(emails, "email_of", told)
        readers.do(outbox.retry, rows(readers)[1].id)
        deliver(readers, server)
    assert delivery_states(readers) == [("delivered", None)] * 3
    assert len(box.ids) == 3


@pytest.mark.wide
@one_store
def test_unwritable_mail_backs_off_and_is_given_up_in_time(readers, monkeypatch):
    put_out(readers)
    told = emails.email_of

    def fails(session, settings, server, message, at):
        if message.account_id == "A-2":
            raise LookupError(message.id)
        return told(session, settings, server, message, at)

    monkeypatch.setattr(emails, "email_of", fails)
    box, tries = Mailbox(), 0
    with mail_server(box) as server:
        deliver(readers, server)
        assert delivery_states(readers) == [("delivered", None), ("waiting", "cannot_be_written"), ("delivered", None)]
        while readers.at < AT + TRIED_FOR + timedelta(hours=2):
            readers.later(minutes=30)
            tries += 1
            deliver(readers, server)
        assert delivery_states(readers)[1] == ("failed", "cannot_be_written")
        assert rows(readers)[1].attempts < tries
        monkeypatch.setattr(emails, "email_of", told)
        readers.do(outbox.retry, rows(readers)[1].id)
        deliver(readers, server)
    assert delivery_states(readers) == [("delivered", None)] * 3
    assert len(box.ids) == 3
