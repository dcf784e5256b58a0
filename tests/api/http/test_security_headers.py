"""Trusted proxies, host names, and the security headers of every answer."""

from ipaddress import ip_network
from types import MappingProxyType

import pytest
from litestar.testing import TestClient

from api import app as wiring
from api.http.security_headers import HEADERS
from tests.support.api.service import API
from tests.support.audit_log import logged
from tests.support.settings import changed
from tests.support.stores import one_store

PROXIES = (ip_network("10.0.0.0/24"), ip_network("fd00::/8"))
NEAR, FAR = "10.0.0.7", "203.0.113.9"


def coming_from(app, peer):
    """Returns the same application, for a caller with this address."""

    async def answer(scope, receive, send):
        scope["client"] = (peer, 50000)
        await app(scope, receive, send)

    return TestClient(answer)


@pytest.fixture
def asked(service):
    """Asks a service with these settings from this address; returns the answer, and the address in the log."""

    def ask(peer=NEAR, path=f"{API}/session", settings=MappingProxyType({}), **headers):
        named = [
            (name.replace("_", "-"), line)
            for name, said in headers.items()
            for line in (said if isinstance(said, list) else [said])
        ]
        service.app.state.settings = changed(service.country.settings, **({"trusted_proxies": PROXIES} | settings))
        answer = coming_from(service.app, peer).get(path, headers=named)
        return answer, logged(service)[-1].address

    return ask


FORWARDED = [
    # who connects, the header, the address that the log must name
    (FAR, None, FAR),
    (FAR, "198.51.100.1", FAR),  # a stranger claims another address
    (FAR, "10.0.0.7", FAR),
    (NEAR, None, NEAR),
    (NEAR, FAR, FAR),
    (NEAR, f"198.51.100.1, {FAR}", FAR),  # the claimed address comes first, what our proxy saw comes last
    (NEAR, ["198.51.100.1", FAR], FAR),
    (NEAR, f"{FAR}, 10.0.0.9", FAR),  # two proxies of ours
    (NEAR, "10.0.0.9, 10.0.0.8", "10.0.0.9"),
    (NEAR, "2001:db8::5, fd00::1", "2001:db8::5"),
    (NEAR, "::ffff:203.0.113.9", FAR),
    (NEAR, f"198.51.100.1:80, {FAR}:53211", FAR),  # some proxies name the port, too
    (NEAR, "[2001:db8::5]:53211, 10.0.0.9:80", "2001:db8::5"),
    (NEAR, f"{FAR}:nonsense", NEAR),
    ("::ffff:10.0.0.7", FAR, FAR),
    (NEAR, f"{FAR}, nonsense", NEAR),  # what cannot be read ends what is believed
    (NEAR, f"{FAR}, <script>", NEAR),
    (NEAR, f"{FAR},", NEAR),
    ("", FAR, ""),
]


@pytest.mark.wide
@one_store
def test_log_names_the_last_address_outside_trusted_proxies(asked):
    for peer, said, named in FORWARDED:
        _, address = asked(peer, **({} if said is None else {"X_Forwarded_For": said}))
        assert address == named, (peer, said)


@one_store
def test_forwarded_header_without_trusted_proxies_is_ignored(asked):
    _, address = asked(NEAR, settings={"trusted_proxies": ()}, X_Forwarded_For=FAR)
    assert address == NEAR
    for name in ("Forwarded", "X_Real_IP", "X_Forwarded", "True_Client_IP"):
        _, address = asked(NEAR, **{name: f"for={FAR}" if name == "Forwarded" else FAR})
        assert address == NEAR, name


@one_store
def test_hsts_is_sent_over_tls(asked):
    for settings, peer, said, always in [
        ({}, FAR, None, True),  # without plain HTTP there is TLS before us
        ({}, NEAR, "https", True),
        ({}, NEAR, "http", False),
        ({}, NEAR, "https, http", False),
        ({}, FAR, "http", True),  # a stranger is not believed
        ({"plain_http": True}, NEAR, "https", False),
        ({"plain_http": True}, FAR, None, False),
    ]:
        answer, _ = asked(peer, settings=settings, **({"X_Forwarded_Proto": said} if said else {}))
        header = answer.headers.get("strict-transport-security")
        assert header == ("max-age=63072000; includeSubDomains" if always else None), (settings, peer, said)


HOSTS = [
    ("placement.example", True),
    ("placement.example:8443", True),
    ("PLACEMENT.example", True),
    ("elsewhere.example", False),
    ("placement.example.elsewhere.example", False),
    ("placement.example@elsewhere.example", False),
    ("elsewhere.example:placement.example", False),
    ("placement.example, elsewhere.example", False),
    (["placement.example", "elsewhere.example"], False),
    ("", False),
]


@one_store
def test_unknown_host_name_is_refused_where_hosts_are_set(asked):
    ours = {"hosts": frozenset({"placement.example"})}
    for host, answered in HOSTS:
        answer, _ = asked(path="/health/live", settings=ours, Host=host, X_Forwarded_Host="placement.example")
        assert answer.status_code == (200 if answered else 421), host
        assert answer.headers["cache-control"] == "no-store"
        assert answered or answer.json()["type"] == "urn:placement:problem:host_unknown"
        assert "example" not in answer.text
    anyhow, _ = asked(path="/health/live", Host="elsewhere.example")
    assert anyhow.status_code == 200


@pytest.mark.wide
@one_store
def test_every_answer_forbids_caching(service):
    """Every route, as nobody and as the desk; what went wrong, too."""
    seen = 0
    for template, methods in service.app.route_handler_method_map.items():
        path = template.replace("{path:str}", "x").replace("{file_path:path}", "start.css")
        while "{" in path:
            path = path[: path.index("{")] + "X-0" + path[path.index("}") + 1 :]
        for method in sorted(set(methods) - {"asgi", "HEAD"}):
            for headers in ({}, service.desk.software.authorization()):
                answer = service.client.request(method, path, headers=headers, follow_redirects=False)
                for name, value in HEADERS.items():
                    assert answer.headers[name.decode()] == value.decode(), (method, path, name)
                seen += 1
    assert seen > 150


@one_store
@pytest.mark.parametrize("declared", [True, False])
def test_body_above_the_limit_is_refused_with_or_without_length(service, declared):
    def pieces():
        for _ in range(wiring.LARGEST_BODY // 100_000 + 1):
            yield b" " * 100_000

    headers = service.desk.authorization() | {"Content-Type": "application/json"}
    before = service.digest()
    body = b"".join(pieces()) if declared else pieces()
    for path, named in ((f"{API}/registrations", headers), (f"{API}/token", {"Content-Type": "application/json"})):
        answer = service.client.post(path, content=body if declared else pieces(), headers=named)
        assert (answer.status_code, answer.json()["type"]) == (413, "urn:placement:problem:too_large")
    assert service.digest() == before


SECRETS = [
    ("/token", "key", "key_refused"),
    ("/invitations/look", "token", "invitation_refused"),
]


@pytest.mark.wide
@pytest.mark.parametrize(("path", "name", "refusal"), SECRETS)
def test_invalid_secrets_rate_limit_their_network_only(service, path, name, refusal):
    def ask(secret, client=service.client):
        return client.post(f"{API}{path}", json={name: secret})

    good = service.desk.key
    if path != "/token":
        case = {"email": "z@p.example", "role": "desk", "organisation": "O-centre"}
        good = service.granted(service.signed_in("admin").made("/invitations", case))["link"].partition("#")[2]
    answers = [ask(f"wrong-{number}") for number in range(22)]
    assert [answer.status_code for answer in answers] == [401] * 21 + [429]
    assert answers[0].json()["type"] == f"urn:placement:problem:{refusal}"
    assert answers[-1].json()["type"] == "urn:placement:problem:too_many_tries"
    assert answers[-1].headers["retry-after"] == "2"
    assert ask(good).status_code == 200  # from the same network, in between
    assert ask("wrong").status_code == 429
    elsewhere = coming_from(service.app, "198.51.100.4")
    assert ask("wrong", elsewhere).status_code == 401
    service.moment.pass_by(seconds=2)
    assert ask("wrong").status_code == 401
    assert ask("wrong").headers["retry-after"] == "4"
    service.moment.pass_by(hours=1, seconds=1)
    assert ask("wrong").status_code == 401


def test_our_own_files_are_compressed_and_no_page_or_answer_is(service):
    header = {}
    for path in ("/static/placement.css", "/sign-in", "/about", "/api/v1/registrations"):
        headers = {"Accept-Encoding": "gzip", **service.desk.authorization()}
        header[path] = service.client.get(path, headers=headers).headers.get("content-encoding")
    assert header == {"/static/placement.css": "gzip", "/sign-in": None, "/about": None, "/api/v1/registrations": None}
