"""The copy of the audit log at a syslog receiver: whole, in order, without a name, over TLS that is verified."""

import pytest
from sqlalchemy import text

from placement.core.errors import Misconfigured
from placement.core.syslog_settings import Syslog, SyslogVariables
from placement.crypto.watch_files import Work
from placement.outbox import log_shipping
from placement.outbox.log_shipping import LogShipper, backlog
from placement.outbox.syslog_client import LogMessage, NotTaken, send, trouble_with
from placement.storage import hash_chain
from placement.storage.watch import Mark, Sent, watch_of
from tests.support.audit_log import logged, open_up, write_lines
from tests.support.settings import changed
from tests.support.stores import both_stores, one_store
from tests.support.syslog_receiver import Receiver, facts_of, rsyslog
from tests.support.town import AT, DESK

SENT = {"name", "priority", "line", "link", "action", "outcome", "role", "protocol", "request"}


@pytest.fixture
def receiver(tmp_path):
    made = Receiver(tmp_path)
    made.certify()
    return made


@pytest.fixture
def shipper(town, receiver, monkeypatch):
    monkeypatch.setattr(log_shipping, "BATCH", 3)
    return LogShipper(town.database, changed(town.settings, syslog=receiver.settings))


def write(town, number):
    write_lines(town, number)
    town.database.seal_log()


def head(town):
    with town.database.transaction() as session:
        return hash_chain.head(session)[0]


def waiting(town):
    with town.database.transaction() as session:
        return backlog(session, town.database).count


@both_stores
def test_events_leave_once_in_order_without_names(town, receiver, shipper):
    write(town, 7)
    with receiver.there():
        assert shipper.ship() == head(town)
        assert (shipper.ship(), waiting(town)) == (0, 0)
    assert receiver.lines == [*range(1, head(town) + 1)]
    events = logged(town)
    assert [one["link"] for one in receiver.facts] == [event.link for event in events]
    assert [one["name"] for one in receiver.facts] == [event.event for event in events]
    assert set().union(*receiver.facts) == SENT
    whole = "".join(receiver.came)
    assert not [word for word in (DESK.id, "192.0.2.1", "R-1", "page") if f'"{word}' in whole or f" {word} " in whole]


@both_stores
def test_receiver_that_is_away_misses_no_event(town, receiver, shipper):
    write(town, 4)
    with receiver.there():
        shipper.ship()
    before = head(town)
    write(town, 5)
    assert shipper.ship() == 0
    assert waiting(town) == head(town) - before == 5
    with receiver.there():
        assert LogShipper(town.database, changed(town.settings, syslog=receiver.settings)).ship() == 5
    assert receiver.lines == [*range(1, head(town) + 1)]


@one_store
def test_batch_without_a_receipt_is_sent_again(town, receiver, shipper):
    write(town, 1)
    receiver.ends = False
    with receiver.there():
        assert shipper.ship() == 0
        receiver.ends = True
        assert shipper.ship() == head(town)
    again = receiver.facts[: len(receiver.came) - head(town)]
    assert again
    assert again == receiver.facts[len(again) : 2 * len(again)]


@one_store
def test_one_process_at_a_time_sends(town, receiver, shipper):
    write(town, 1)
    with receiver.there(), watch_of(town.database.engine.dialect).alone(Work.SHIPPING):
        assert shipper.ship() == 0
    assert receiver.came == []


@one_store
def test_log_that_was_put_back_is_sent_from_its_start(town, receiver, shipper):
    write(town, 2)
    keys = town.database.audit_keys
    watch_of(town.database.engine.dialect).state(keys, Sent(1, Mark(2, "of another log")))
    with receiver.there():
        assert shipper.ship() == head(town)


@one_store
def test_event_that_cannot_be_read_leaves_by_its_number(town, receiver, shipper):
    write(town, 2)
    open_up(town)
    with town.database.engine.begin() as connection:
        connection.execute(text("UPDATE auditevent SET cipher = x'00' WHERE id = 2"))
    with receiver.there():
        shipper.ship()
    assert receiver.lines == [*range(1, head(town) + 1)]
    assert receiver.facts[1]["name"] == "log:unreadable"


def test_receiver_that_cannot_be_verified_gets_nothing(receiver, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    Receiver(other).certify()
    wrong = Syslog("localhost", receiver.port, other / "trusted.pem")
    message = LogMessage(AT, 6, "host", "case:read", {})
    with receiver.there():
        with pytest.raises(NotTaken, match="certificate_not_trusted"):
            send(wrong, [message])
        assert trouble_with(receiver.settings, 10) is None
    receiver.certify(host="elsewhere")
    with receiver.there(), pytest.raises(NotTaken, match="certificate_of_another_name"):
        send(receiver.settings, [message])
    with pytest.raises(NotTaken, match="no_connection"):
        send(receiver.settings, [message])
    assert receiver.came == []


def test_receiver_that_asks_for_a_certificate_gets_ours(receiver, tmp_path):
    ours = tmp_path / "ours"
    ours.mkdir()
    Receiver(ours).certify()
    receiver.clients = ours / "trusted.pem"
    message = LogMessage(AT, 6, "host", "case:read", {})
    with receiver.there():
        for _ in range(20):  # the refusal comes before, between and after our own end
            with pytest.raises(NotTaken, match=r"tls_failed|no_connection"):
                send(receiver.settings, [message])
        assert receiver.came == []
        send(Syslog("localhost", receiver.port, tmp_path / "trusted.pem", ours / "server.pem"), [message])
    assert len(receiver.came) == 1


def test_message_escapes_its_facts_and_counts_bytes(receiver):
    facts = {"line": "1", "odd": 'a"b\\c]d', "word": "é"}
    with receiver.there():
        send(receiver.settings, [LogMessage(AT, 5, "a host\n", "case:read", facts)] * 2)
    assert receiver.came[0].startswith("<109>1 2026-11-24T10:00:00.000000Z ahost placement - case:read [audit@32473 ")
    assert [facts_of(one) for one in receiver.came] == [{"name": "case:read", "priority": "109", **facts}] * 2


@pytest.mark.system
@one_store
def test_rsyslog_takes_every_event_in_order(town, receiver, shipper, tmp_path):
    out = tmp_path / "out.log"
    write(town, 7)
    for number in (1, 2):
        with rsyslog(receiver, out):
            shipper.ship()
        found = [facts_of(line) for line in out.read_text().splitlines()]
        assert [int(one["line"]) for one in found] == [*range(1, head(town) + 1)]
        write(town, number)
        assert shipper.ship() == 0


def test_receiver_in_the_settings_needs_its_authorities(tmp_path):
    assert SyslogVariables().syslog() is None
    with pytest.raises(Misconfigured, match="CA_FILE"):
        SyslogVariables(syslog_host="logs.example").syslog()
    with pytest.raises(Misconfigured, match="does not exist"):
        SyslogVariables(syslog_host="logs.example", syslog_ca_file=str(tmp_path / "none.pem")).syslog()
    file = tmp_path / "ca.pem"
    file.touch()
    found = SyslogVariables(syslog_host="logs.example", syslog_ca_file=str(file)).syslog()
    assert found == Syslog("logs.example", 6514, file)
