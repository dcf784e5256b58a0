"""A provider of single sign-on whose document and tokens a test chooses."""

import hmac
import json
import threading
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from placement.core.setting_parts import SsoProvider
from tests.support.api.service import API
from tests.support.settings import changed

CLIENT, HOUR = "placement", 3600
KEY, FOREIGN = (RSAKey.generate_key(2048, {"kid": "one"}, private=True) for _ in range(2))


@pytest.fixture
def provider():
    """Yields a provider whose document and next ID token the test chooses."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self):
            self.answer(KEYS if self.path == "/keys" else server.document)

        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.answer({"access_token": "a", "token_type": "Bearer", "id_token": server.token})

        def answer(self, content):
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(content).encode())

        def log_message(self, *_):
            """Logs nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    server.issuer = f"http://localhost:{server.server_port}"
    paths = {"authorization_endpoint": "/in", "token_endpoint": "/token", "jwks_uri": "/keys"}
    server.document = {"issuer": server.issuer, **{name: server.issuer + path for name, path in paths.items()}}
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


KEYS = {"keys": [KEY.as_dict(private=False)]}


def signed(claims, key=KEY, alg="RS256", **header):
    return jwt.encode({"alg": alg, "kid": "one", **header}, claims, key, algorithms=[alg])


def encoded(part):
    return urlsafe_b64encode(part).decode().rstrip("=")


def unsigned(claims, alg="none"):
    return ".".join(encoded(json.dumps(part).encode()) for part in ({"alg": alg, "kid": "one"}, claims)) + "."


def by_the_public_key(claims):
    """Signs with the public key as if it were a shared secret."""
    text = unsigned(claims, "HS256").rstrip(".")
    return f"{text}.{encoded(hmac.digest(KEY.as_pem(private=False), text.encode(), 'sha256'))}"


def with_its_own_key(claims):
    return signed(claims, FOREIGN, jwk=FOREIGN.as_dict(private=False), kid="two")


def altered(claims):
    head, body, _ = signed(claims).split(".")
    return ".".join((head, body, signed(claims | {"sub": "another"}).split(".")[2]))


class Arriving:
    """A browser that comes back from the provider with a code for the token that the test makes."""

    def __init__(self, service, provider):
        self.client, self.provider = service.client, provider
        sso = SsoProvider(provider.issuer, CLIENT, "secret", "http://localhost:9")
        service.app.state.settings = changed(service.country.settings, sso=sso)
        service.moment.at = datetime.now(UTC)  # tokens are checked by the real clock

    def status(self, make=signed, **other):
        return self.arrive(make, **other).status_code

    def arrive(self, make=signed, **other):
        begun = self.client.post(f"{API}/session/sso")
        asked = parse_qs(urlsplit(begun.json()["location"]).query)
        now = int(datetime.now(UTC).timestamp())
        claims = {"iss": self.provider.issuer, "aud": CLIENT, "sub": "s-1", "iat": now, "exp": now + HOUR}
        claims |= {"nonce": asked["nonce"][0], "email": "desk-1@placement.example", "email_verified": True}
        self.provider.token = make(claims | other)
        headers = {"Cookie": begun.headers["set-cookie"].partition(";")[0]}
        body = {"state": asked["state"][0], "code": "x"}
        return self.client.post(f"{API}/session/sso/code", json=body, headers=headers)
