"""Sign-in over HTTP: answers that reveal nothing, the cookie, and what a write with it needs."""

import os
import time
from statistics import median

import pytest
from sqlmodel import select

from placement.core.settings import Settings
from placement.tables import AuditEvent
from tests.support.api.service import API
from tests.support.stores import one_store

LONG = pytest.mark.long
WRONG = {"password": "a wrong password, and long"}
NOBODY = {"email": "niemand@placement.example"}
ROUNDS = 300 if os.environ.get("PROOF_SIZE") == "full" else 100


def shape(answer):
    """Returns all that a caller sees, without the random values."""
    body = answer.json()
    secrets = {"challenge", "expires_at"} & set(body)
    return (
        answer.status_code,
        {name: "..." if name in secrets else value for name, value in body.items()},
        [(name, value) for name, value in answer.headers.items() if name not in {"content-length", "x-request-id"}],
    )


@pytest.mark.wide
def test_first_step_answers_alike_for_any_account_or_password(service):
    admin, auditor = service.signed_in("admin"), service.browser("auditor")
    admin.made("/accounts/A-auditor/disable")
    desk = service.browser("desk")
    firsts, seconds = [], []
    for browser, given in ((desk, WRONG), (desk, NOBODY), (auditor, {}), (desk, {})):
        first = browser.challenge(**given)
        firsts.append((shape(first), len(first.content)))
        answer = browser.give_code(
            first.json()["challenge"], browser.code() if given or browser is auditor else "000000"
        )
        seconds.append((shape(answer), answer.content))
    assert all(first == firsts[0] for first in firsts)
    assert all(second == seconds[0] for second in seconds)
    assert seconds[0][0][0] == 401
    assert not any("set-cookie" in name for name, _ in seconds[0][0][2])


@pytest.mark.wide
@one_store
def test_rate_limit_is_alike_with_or_without_an_account(service):
    desk = service.browser("desk")
    answers = [[desk.challenge(**WRONG, **given) for _ in range(8)] for given in ({}, NOBODY)]
    assert [shape(answer)[:2] for answer in answers[0]] == [shape(answer)[:2] for answer in answers[1]]
    last = answers[1][-1]
    assert (last.status_code, last.headers["retry-after"]) == (429, "2")
    assert last.json()["type"] == "urn:placement:problem:too_many_tries"


@LONG
def test_an_unknown_account_takes_as_long_as_a_known_one(service):
    """The ways are as long as one another: by the medians, to within what two halves of the same way differ."""
    desk = service.browser("desk")
    taken = {"known": [], "unknown": [], "known again": []}
    for _ in range(ROUNDS):
        for way, given in (
            ("known", {}),
            ("unknown", NOBODY),
            ("known again", {}),
        ):
            service.moment.pass_by(days=1)  # so that no try has to wait
            began = time.perf_counter()
            assert desk.challenge(**WRONG, **given).status_code == 200
            taken[way].append(time.perf_counter() - began)
    known, unknown, again = (median(times) for times in taken.values())
    assert abs(known - unknown) < max(0.05 * known, 3 * abs(known - again))


@one_store
def test_cookie_is_host_bound_secure_and_http_only(service):
    desk = service.browser("desk")
    answer = desk.sign_in()
    set_cookies = {one.partition("=")[0]: one for one in answer.headers.get_list("set-cookie")}
    assert set(set_cookies) == {"__Host-placement", "__Host-placement-device"}
    for one in set_cookies.values():
        parts = {part.strip().lower() for part in one.split(";")[1:]}
        assert {"path=/", "secure", "httponly", "samesite=strict"} <= parts
        assert not any(part.startswith("domain") for part in parts)
    assert "Max-Age" not in set_cookies["__Host-placement"]
    assert f"Max-Age={90 * 24 * 3600}" in set_cookies["__Host-placement-device"]
    assert answer.headers["cache-control"] == "no-store"


@one_store
def test_cookie_without_tls_has_another_name_if_setting_allows(service):
    service.app.state.settings = Settings(plain_http=True, field_keys=service.country.settings.field_keys)
    set_cookies = service.browser("desk").sign_in().headers.get_list("set-cookie")
    assert [one.partition("=")[0] for one in set_cookies] == ["placement", "placement-device"]
    assert not any("secure" in one.lower() for one in set_cookies)


@pytest.mark.wide
@one_store
def test_session_and_token_give_the_same_actor(service):
    coordinator = service.signed_in("coordinator")
    for path in ("/registrations", "/decisions", "/stays", "/capacity"):
        assert coordinator.get(path).json() == service.coordinator.get(path).json()
    me = coordinator.get("/session").json()
    assert (me["role"], me["regions"], me["shelter"]) == ("coordinator", ["amsterdam"], None)
    assert me["email"] == "coordinator-amsterdam@placement.example"
    staff = service.signed_in("shelter_staff").get("/session").json()
    assert (staff["role"], staff["shelter"], staff["organisation"]) == (
        "shelter_staff", "S01", "Synthetische opvang De Reiger"
    )  # fmt: skip
    shelter = service.shelter.get("/session").json()
    assert (shelter["role"], shelter["session"], shelter["csrf_token"], shelter["email"]) == (
        "shelter",
        None,
        None,
        None,
    )


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("token", ["", "nonsense", "0" * 64])
def test_a_write_with_a_cookie_needs_the_token_of_its_session(service, token):
    desk, other = service.signed_in("desk"), service.signed_in("coordinator")
    before = service.digest()
    for given in (token, other.csrf):
        answer = desk.post("/sessions/end", X_CSRF_Token=given)
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:placement:problem:csrf_refused")
        assert desk.ask("PATCH", "/registrations/R-0", {}, X_CSRF_Token=given).status_code == 403
        assert desk.ask("PUT", "/shelters/S01/capacity", {}, X_CSRF_Token=given).status_code == 403
    assert service.digest() == before
    assert desk.get("/session").json()["csrf_token"] == desk.csrf
    assert desk.post("/sessions/end").status_code == 200


@one_store
def test_write_with_a_token_needs_no_csrf_and_ignores_the_cookie(service):
    desk = service.signed_in("desk")
    headers = service.shelter.authorization() | {"Cookie": f"__Host-placement={desk.cookies['__Host-placement']}"}
    answer = service.client.post(f"{API}/shelters/S01/capacity/confirm", headers=headers)
    assert answer.status_code == 200
    bad = headers | {"Authorization": "Bearer nonsense"}
    assert service.client.get(f"{API}/session", headers=bad).status_code == 401


@one_store
def test_planted_session_secret_is_replaced_at_sign_in(service):
    desk = service.browser("desk")
    desk.cookies["__Host-placement"] = planted = "pls_" + "x" * 43
    assert desk.sign_in().is_success
    first = desk.cookies["__Host-placement"]
    assert first != planted
    assert desk.sign_in().is_success
    assert desk.cookies["__Host-placement"] != first
    for secret in (planted, ""):
        answer = service.client.get(f"{API}/session", headers={"Cookie": f"__Host-placement={secret}"})
        assert answer.status_code == 401


@one_store
def test_signing_out_ends_the_session_and_takes_the_cookie_away(service):
    desk = service.signed_in("desk")
    kept = dict(desk.cookies)
    answer = desk.post("/session/end")
    assert answer.json() == {"ended": 1}
    assert "Max-Age=0" in answer.headers["set-cookie"]
    desk.cookies = kept
    refused = desk.get("/session")
    assert (refused.status_code, refused.json()["type"]) == (401, "urn:placement:problem:session_refused")
    with_a_key = service.desk.software.post("/session/end")
    assert (with_a_key.status_code, with_a_key.json()["type"]) == (403, "urn:placement:problem:sign_in_needed")


def test_own_sessions_are_listed_and_ended_remotely(service):
    desk = service.signed_in("desk")
    phone = service.browser("desk")
    phone.agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile/15E148 Safari/604.1"
    assert phone.sign_in().is_success
    seen = desk.get("/sessions").json()["items"]
    assert [(one["client"], one["this"]) for one in seen] == [("Safari, iPhone", False), ("Firefox, Windows", True)]
    assert desk.made(f"/sessions/{seen[0]['id']}/end") == {"ended": 1}
    assert phone.get("/session").status_code == 401
    assert desk.post(f"/sessions/{seen[0]['id']}/end").status_code == 404
    assert desk.made("/sessions/end") == {"ended": 1}
    assert desk.get("/session").status_code == 401


NEW = "walnut trapeze gondola mist"


@pytest.mark.wide
@one_store
def test_password_change_needs_password_and_code_ends_sessions(service):
    desk, elsewhere = service.signed_in("desk"), service.signed_in("desk")
    right = {"current": desk.password, "password": NEW}
    refused = desk.post("/session/password", right)
    assert (refused.status_code, refused.json()["type"]) == (403, "urn:placement:problem:second_factor_needed")
    service.moment.pass_by(seconds=30)
    desk.made("/session/second-factor", {"code": desk.code()})
    for wrong, field, code in (
        ({"current": "not this one"}, "current", "password_not_right"),
        ({"password": "opvang opvang opvang"}, "password", "password_common"),
        ({"password": "desk-1 walnut trapeze"}, "password", "password_has_name"),
    ):
        answer = desk.post("/session/password", right | wrong)
        assert answer.status_code == 400
        assert [(one["field"], one["code"]) for one in answer.json()["errors"]] == [(field, code)]
    assert elsewhere.get("/session").is_success
    assert desk.made("/session/password", right) == {"ended": 1}
    assert elsewhere.get("/session").status_code == 401
    assert desk.get("/session").is_success
    assert desk.sign_in().status_code == 401
    desk.password = NEW
    assert desk.sign_in().is_success
    with service.database.transaction() as session:
        lines = session.exec(select(AuditEvent).order_by(AuditEvent.id)).all()
    told = [(line.event, line.outcome) for line in lines if line.event.startswith("account:password")]
    assert told == [("account:password_refused", "refused"), ("account:password_changed", "done")]
    assert not any(NEW in str(line.facts) for line in lines)


@pytest.mark.wide
@pytest.mark.parametrize("asked", [False, True])
@one_store
def test_password_change_ends_own_keys_where_asked(service, asked):
    desk = service.signed_in("desk")
    service.moment.pass_by(seconds=30)
    desk.made("/session/second-factor", {"code": desk.code()})
    assert service.desk.software.get("/session").is_success
    assert service.shelter.get("/session").is_success
    desk.made("/session/password", {"current": desk.password, "password": NEW, "end_keys": asked})
    assert service.desk.software.get("/session").is_success is not asked
    assert service.shelter.get("/session").is_success


def test_half_done_sign_in_ends_with_the_old_password(service):
    desk, elsewhere = service.signed_in("desk"), service.browser("desk")
    service.moment.pass_by(seconds=30)
    desk.made("/session/second-factor", {"code": desk.code()})
    challenge = elsewhere.challenge().json()["challenge"]
    desk.made("/session/password", {"current": desk.password, "password": NEW})
    service.moment.pass_by(seconds=30)
    assert elsewhere.give_code(challenge, elsewhere.code()).status_code == 401


@pytest.mark.wide
@one_store
def test_wrong_present_password_is_rate_limited(service):
    desk = service.signed_in("desk")
    service.moment.pass_by(seconds=30)
    desk.made("/session/second-factor", {"code": desk.code()})
    guess = {"current": "not this one", "password": NEW}
    answers = [desk.post("/session/password", guess).status_code for _ in range(7)]
    assert answers == [400] * 6 + [429]


@pytest.mark.wide
def test_second_factor_is_fresh_five_minutes_in_one_session(service):
    desk, elsewhere = service.signed_in("desk"), service.signed_in("desk")
    assert desk.get("/session").json()["verified_until"] is None
    refused = desk.post("/session/second-factor", {"code": elsewhere.code()})  # used a moment ago
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, "code")
    service.moment.pass_by(seconds=30)
    told = desk.made("/session/second-factor", {"code": desk.code()})
    assert told["verified_until"] == desk.get("/session").json()["verified_until"]
    assert elsewhere.get("/session").json()["verified_until"] is None
    with_key = service.desk.software.post("/session/second-factor", {"code": "000000"})
    assert (with_key.status_code, with_key.json()["type"]) == (403, "urn:placement:problem:sign_in_needed")


@pytest.mark.wide
@one_store
def test_sign_in_secrets_are_not_in_the_log(service):
    desk = service.browser("desk")
    desk.sign_in(**WRONG)
    desk.sign_in()
    service.granted(service.signed_in("admin").made("/accounts/A-reader/invitation"))
    set_cookies = service.log.getvalue()
    assert "/api/v1/session/code" in set_cookies
    for secret in (desk.email, desk.password, *desk.cookies.values(), desk.csrf, "pli_", "a wrong password"):
        assert secret not in set_cookies
