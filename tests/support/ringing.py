"""A push service and an SMS gateway on this machine, and browsers that read what they get, as RFC 8291 describes."""

import base64
import json
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_bytes
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from placement.core.setting_parts import SmsGateway

SLOW, HANGS_UP, TWICE = "slow", "hangs_up", "twice"
"""Servers: the first never answers, the second ends the connection without an answer, the third answers twice."""


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def unb64(written: str) -> bytes:
    return base64.urlsafe_b64decode(written + "=" * (-len(written) % 4))


def signature_of(headers: dict[str, str]) -> tuple[str, dict[str, Any]]:
    """Returns the key that signed a push, and its claims. Raises an error if another key signed it (RFC 8292)."""
    scheme, _, said = headers["authorization"].partition(" ")
    token, key = (part.partition("=")[2] for part in said.split(","))
    assert scheme == "vapid"
    head, claims, signature = token.split(".")
    raw = unb64(signature)
    signed = utils.encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), unb64(key))
    public.verify(signed, f"{head}.{claims}".encode(), ec.ECDSA(SHA256()))
    return key, json.loads(unb64(claims))


class Browser:
    """A browser with a subscription of its own. It decrypts as a browser does, with no code of the service."""

    def __init__(self, server: "Server", name: str) -> None:
        self.path = f"/push/{name}"
        self.endpoint = server.url + self.path
        self._key, self._auth = ec.generate_private_key(ec.SECP256R1()), token_bytes(16)
        self._point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @property
    def subscription(self) -> dict[str, str]:
        return {"endpoint": self.endpoint, "p256dh": _b64(self._point), "auth": _b64(self._auth)}

    def read(self, body: bytes) -> dict[str, str]:
        salt, length = body[:16], body[20]
        sender, sealed = body[21 : 21 + length], body[21 + length :]
        shared = self._key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender))
        secret = HKDF(SHA256(), 32, self._auth, b"WebPush: info\0" + self._point + sender).derive(shared)
        key = HKDF(SHA256(), 16, salt, b"Content-Encoding: aes128gcm\0").derive(secret)
        nonce = HKDF(SHA256(), 12, salt, b"Content-Encoding: nonce\0").derive(secret)
        plain = AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\0")
        assert plain.endswith(b"\2")
        return json.loads(plain[:-1])


class Server:
    """Answers requests, by the beginning of their paths, and keeps them: path, headers, body."""

    def __init__(self) -> None:
        self.url = ""
        self.answers: dict[str, int | str] = {}
        self.came: list[tuple[str, dict[str, str], bytes]] = []
        self.stop, self.got = threading.Event(), threading.Event()

    def takes(self, sender: str, path: str, headers: dict[str, str], body: bytes) -> int | str:
        """Keeps a request, and returns its answer. `sender`: the address of the machine that sent it."""
        _ = sender
        self.came.append((path, headers, body))
        self.got.set()
        return self.answer_to(path)

    def answer_to(self, path: str) -> int | str:
        return next((answer for begin, answer in self.answers.items() if path.startswith(begin)), 201)

    def came_within(self, seconds: float) -> bool:
        return self.got.wait(seconds)

    @property
    def gateway(self) -> SmsGateway:
        body = '{"to": "{number}", "text": "{text}", "id": "{id}"}'
        return SmsGateway(f"{self.url}/sms", body, "Authorization: Bearer {secret}", "s3cret")

    def texts(self) -> list[dict[str, str]]:
        return [json.loads(body) for path, _, body in self.came if path == "/sms"]

    def rung(self) -> Counter[str]:
        """Returns how often each browser (by its path) and each number was rung."""
        pushes = Counter(path for path, _, _ in self.came if path != "/sms")
        return pushes + Counter(text["to"] for text in self.texts())


@contextmanager
def ringing(made: Server | None = None, listening: socket.socket | None = None) -> Iterator[Server]:
    """Runs a server. `listening`: its socket; without it the server listens on this machine."""
    made = made or Server()
    listening = listening or socket.create_server(("127.0.0.1", 0))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = made.takes(self.client_address[0], self.path, headers, body)
            if answer == SLOW:
                made.stop.wait()
            if answer in {SLOW, HANGS_UP}:
                self.close_connection = True
                return
            for code in (201, 500) if answer == TWICE else (int(answer),):
                self.send_response(code)
                self.send_header("Content-Length", "0")
                self.end_headers()

        def log_message(self, *_: object) -> None:
            """Logs nothing, as a test's output is its failures."""

    server = ThreadingHTTPServer(listening.getsockname(), Handler, bind_and_activate=False)
    server.socket.close()
    server.socket = listening
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    made.url = made.url or f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield made
    finally:
        made.stop.set()
        server.shutdown()
        thread.join()
        server.server_close()
