"""The webhook client with receivers as they are: an address that is down, an answer in parts, a bad certificate."""

import socket
import ssl
import threading
from contextlib import contextmanager

import pytest

from placement.core import clock
from placement.core.setting_parts import Smtp
from placement.outbox import smtp, webhook_client, webhooks
from placement.outbox.deadline import Deadline
from placement.outbox.webhook_client import Call
from tests.support.mail_server import Mailbox, mail_server, make_certificate

PATIENCE = 60
TAKEN = b"HTTP/1.1 204 No Content\r\n\r\n"


@contextmanager
def receiver(answer=TAKEN, folder=None):
    """Takes one request and gives this answer; with a folder behind the certificate there. Yields port and request."""
    came, trusted = [], None
    if folder is not None:
        trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        trusted.load_cert_chain(folder / "server.pem")

    def take():
        line, _ = server.accept()
        with line:
            try:
                line = trusted.wrap_socket(line, server_side=True) if trusted else line
                came.append(line.recv(65536))
                line.sendall(answer)
            except ssl.SSLError:
                return

    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE)
        thread = threading.Thread(target=take)
        thread.start()
        yield server.getsockname()[1], came
        thread.join()


def trouble(url):
    call = Call("M-1", url, "{}", [webhooks.new_secret()], clock.now())
    return webhook_client.send(call, local=True, within_seconds=PATIENCE).trouble


def test_webhook_first_address_is_down_next_one_is_called(monkeypatch):
    monkeypatch.setattr(Deadline, "addresses_of", lambda *_: ["127.0.0.2", "127.0.0.1"])
    with receiver() as (port, came):
        assert trouble(f"http://software.example:{port}/in") is None
    assert f"host: software.example:{port}\r\n".encode() in came[0].lower()


@pytest.mark.parametrize("before", [b"103 Early Hints", b"102 Processing"])
def test_webhook_answer_on_its_way_waits_for_the_last(before):
    first = 2 * (b"HTTP/1.1 " + before + b"\r\nLink: </style>\r\n\r\n")
    with receiver(first + TAKEN) as (port, _):
        assert trouble(f"http://127.0.0.1:{port}/in") is None
    with receiver(first + b"HTTP/1.1 503 Busy\r\n\r\n") as (port, _):
        assert trouble(f"http://127.0.0.1:{port}/in") == "http_503"


BAD = [
    ({"days": -1}, "certificate_not_valid_now"),
    ({"host": "other.example"}, "certificate_of_another_name"),
    ({}, "certificate_not_trusted"),
]


@pytest.mark.parametrize(("made", "code"), BAD)
def test_certificate_that_is_bad_says_what_is_wrong(monkeypatch, tmp_path, made, code):
    make_certificate(tmp_path, **made)
    if made:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "trusted.pem"))
    with receiver(folder=tmp_path) as (port, came):
        assert trouble(f"https://localhost:{port}/in") == code
    assert came == []
    for tls in ("starttls", "tls"):
        box = Mailbox()
        with mail_server(box, tls, tmp_path) as server:
            assert smtp.trouble_with(Smtp("localhost", server.port, tls, "x@placement.example"), PATIENCE) == code
        assert box.seen == 0


def test_webhook_at_its_usual_port_is_named_without_it():
    usual = webhook_client._Pinned("software.example", ["127.0.0.1"], 443, None, ssl.create_default_context())
    usual.putrequest("POST", "/in")
    assert b"Host: software.example" in usual._buffer
