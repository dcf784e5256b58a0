"""A server that asks for a password, and mails that none takes: nothing lost, nothing twice, and the row says why."""

from dataclasses import replace
from datetime import timedelta

import pytest
from post_office import Mailbox, mail_server, make_certificate, signing_in
from story import AT, one_store
from test_delivering_mail import deliver, put_out, readers, rows, standing

from placement.core.codes import MessageStatus
from placement.notifications import emails as letters
from placement.outbox import outbox
from placement.outbox.outbox import TRIED_FOR

__all__ = ["readers"]  # a fixture


@one_store
def test_where_the_server_asks_for_a_password_nothing_is_lost_or_sent_twice_until_ours_is_right(
    readers, tmp_path, monkeypatch
):
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
            assert trouble in {told for _, told in standing(readers)}
            readers.later(minutes=10)
        assert (box.arrived, {row.status for row in rows(readers)}) == ([], {MessageStatus.WAITING})
        for _ in range(2):
            deliver(readers, replace(server, user="dienst", password="Zeker-8 !"))  # noqa: S106
            readers.later(minutes=10)
    assert len(box.ids) == len(set(box.ids)) == 3
    assert standing(readers) == [("delivered", None)] * 3


@one_store
def test_a_server_that_knows_no_password_gets_no_mail_where_one_was_set(readers):
    put_out(readers)
    box = Mailbox()
    with mail_server(box) as server:
        deliver(readers, replace(server, user="dienst", password="Zeker-8 !"))  # noqa: S106
    assert (box.seen, {told for _, told in standing(readers)}) == (0, {"smtp_sign_in_refused", None})


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
def test_a_mail_that_can_never_be_sent_is_given_up_with_its_reason_and_the_others_arrive(
    readers, monkeypatch, spoilt, trouble
):
    put_out(readers)
    told = letters.letter_of

    def spoil(session, settings, server, message, at):
        letter = told(session, settings, server, message, at)
        if message.account_id == "A-2":
            for name, value in spoilt:
                del letter["To"]
                letter[name] = value
        return letter

    box = Mailbox()
    monkeypatch.setattr(letters, "letter_of", spoil)
    with mail_server(box, enable_SMTPUTF8=False) as server:
        while readers.at < AT + TRIED_FOR + timedelta(hours=2):
            deliver(readers, server)
            readers.later(hours=1)
        assert standing(readers) == [("delivered", None), ("failed", trouble), ("delivered", None)]
        monkeypatch.setattr(letters, "letter_of", told)
        readers.do(outbox.retry, rows(readers)[1].id)
        deliver(readers, server)
    assert standing(readers) == [("delivered", None)] * 3
    assert len(box.ids) == 3


@one_store
def test_a_mail_that_cannot_be_written_is_tried_ever_more_seldom_and_given_up_in_its_time(readers, monkeypatch):
    put_out(readers)
    told = letters.letter_of

    def fails(session, settings, server, message, at):
        if message.account_id == "A-2":
            raise LookupError(message.id)
        return told(session, settings, server, message, at)

    monkeypatch.setattr(letters, "letter_of", fails)
    box, tries = Mailbox(), 0
    with mail_server(box) as server:
        deliver(readers, server)
        assert standing(readers) == [("delivered", None), ("waiting", "cannot_be_written"), ("delivered", None)]
        while readers.at < AT + TRIED_FOR + timedelta(hours=2):
            readers.later(minutes=30)
            tries += 1
            deliver(readers, server)
        assert standing(readers)[1] == ("failed", "cannot_be_written")
        assert rows(readers)[1].attempts < tries
        monkeypatch.setattr(letters, "letter_of", told)
        readers.do(outbox.retry, rows(readers)[1].id)
        deliver(readers, server)
    assert standing(readers) == [("delivered", None)] * 3
    assert len(box.ids) == 3
