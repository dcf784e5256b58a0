"""Accounts over HTTP: an admin invites and disables users; users make keys."""

from datetime import timedelta

import pyotp
import pytest
from sqlmodel import select

from placement.accounts import accounts
from placement.audit.events import Event
from placement.core.ids import fingerprint
from placement.tables import AccountSession, KnownDevice
from tests.support.api.service import API, Browser
from tests.support.audit_log import logged
from tests.support.stores import one_store

PASSWORD = "vier paarse fietsen buiten"  # noqa: S105
HER = {"email": "nieuw@placement.example", "role": "coordinator", "organisation": "O-amsterdam", "regions": ["limburg"]}


def public(service, path, body):
    return service.client.post(f"{API}{path}", json=body)


def invited(service, **facts):
    return service.granted(service.signed_in("admin").made("/invitations", HER | facts))


def joined(service, link, email) -> Browser:
    token = link.partition("#")[2]
    enrolment = public(service, "/invitations/password", {"token": token, "password": PASSWORD}).json()
    code = pyotp.TOTP(enrolment["totp_secret"]).at(service.moment.at)
    answer = public(service, "/invitations/join", {"token": token, "code": code})
    assert answer.status_code == 201, answer.text
    assert len(answer.json()["recovery_codes"]) == 10
    return Browser(service.client, service.moment, email, PASSWORD, enrolment["totp_secret"])


@pytest.mark.wide
def test_invitation_leads_to_the_first_page(service):
    made = invited(service)
    welcome = public(service, "/invitations/look", {"token": made["link"].partition("#")[2]}).json()
    assert welcome == {"email": HER["email"], "role": "coordinator", "organisation": "Zorgcoördinatie amsterdam"}
    client = joined(service, made["link"], HER["email"])
    assert client.sign_in().is_success
    assert client.get("/session").json()["regions"] == ["limburg"]
    used = public(service, "/invitations/look", {"token": made["link"].partition("#")[2]})
    assert (used.status_code, used.json()["type"]) == (401, "urn:placement:problem:invitation_refused")


@pytest.mark.wide
def test_joining_begins_a_session_as_signing_in_does(service):
    """A secret of its own, an audit event, and the browser known; the session may write with its CSRF token."""
    token = invited(service)["link"].partition("#")[2]
    enrolment = public(service, "/invitations/password", {"token": token, "password": PASSWORD}).json()
    code = pyotp.TOTP(enrolment["totp_secret"]).at(service.moment.at)
    answer = public(service, "/invitations/join", {"token": token, "code": code})
    kept = {name: answer.cookies[name] for name in ("__Host-placement", "__Host-placement-device")}
    cookie = "; ".join(f"{name}={value}" for name, value in kept.items())
    headers = {"Cookie": cookie, "X-CSRF-Token": answer.json()["csrf_token"], "Origin": str(service.client.base_url)}
    assert service.client.get(f"{API}/session", headers=headers).json()["email"] == HER["email"]
    with service.database.transaction() as session:
        account = accounts.with_email(session, HER["email"])
        assert session.get(KnownDevice, (fingerprint(kept["__Host-placement-device"]), account.id)) is not None
        made = session.exec(select(AccountSession).where(AccountSession.account_id == account.id)).one()
        assert (made.fingerprint, made.browser) == tuple(map(fingerprint, kept.values()))
        events = [one.event for one in logged(session) if one.actor == account.id]
        assert events[:2] == [Event.JOINED, Event.SESSION_BEGAN]
    assert service.client.post(f"{API}/session/end", headers=headers).is_success


@pytest.mark.wide
@one_store
def test_invitation_link_is_shown_once_withdrawn_opens_nothing(service):
    made = invited(service)
    admin = service.signed_in("admin")
    listed = admin.get("/invitations")
    assert [one["id"] for one in listed.json()["items"]] == [made["invitation"]]
    token = made["link"].partition("#")[2]
    assert token not in listed.text
    assert token not in admin.made(f"/invitations/{made['invitation']}/withdraw")
    assert public(service, "/invitations/password", {"token": token, "password": PASSWORD}).status_code == 401
    assert admin.get("/invitations").json()["items"] == []
    assert admin.post(f"/invitations/{made['invitation']}/withdraw").status_code == 404


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"role": "shelter"}, "role"),
        ({"role": "system"}, "role"),
        ({"regions": []}, "regions"),
        ({"organisation": "O-0"}, "organisation"),
        ({"role": "shelter_staff", "regions": []}, "organisation"),
    ],
)
def test_invalid_invitation_names_its_fields(shared, facts, field):
    answer = shared.signed_in("admin").post("/invitations", HER | facts)
    assert answer.status_code == 400
    assert field in {one["field"] for one in answer.json()["errors"]}


@pytest.mark.wide
@one_store
def test_a_common_password_is_refused_with_words(service):
    token = invited(service)["link"].partition("#")[2]
    answer = public(service, "/invitations/password", {"token": token, "password": "password1234"})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == "password_common"


@pytest.mark.wide
def test_a_disabled_account_is_out_at_once_with_session_and_key(service):
    admin, desk = service.signed_in("admin"), service.signed_in("desk")
    account = desk.get("/session").json()["account"]
    key = service.desk.software.authorization()
    assert admin.made(f"/accounts/{account}/disable")["disabled_at"]
    assert desk.get("/session").status_code == 401
    assert service.client.get(f"{API}/capacity", headers=key).status_code == 401
    assert desk.sign_in().status_code == 401
    assert admin.made(f"/accounts/{account}/enable")["disabled_at"] is None
    assert desk.get("/session").status_code == 401
    assert desk.sign_in().is_success


@pytest.mark.wide
@one_store
def test_changed_rights_apply_to_a_running_session_at_once(service):
    admin, coordinator = service.signed_in("admin"), service.signed_in("coordinator")
    account = coordinator.get("/session").json()["account"]
    before = coordinator.get("/registrations").json()["total"]
    asked = admin.ask("PATCH", f"/accounts/{account}", {"regions": ["limburg"]})
    assert (asked.status_code, asked.json()["facts"]["regions"]) == (202, ["limburg"])
    assert coordinator.get("/registrations").json()["total"] == before
    assert service.granted(asked.json())["link"] is None
    assert {row["region"] for row in coordinator.get("/registrations").json()["items"]} <= {"limburg"}
    moved = {"role": "auditor", "regions": [], "organisation": "O-oversight"}
    service.granted(admin.ask("PATCH", f"/accounts/{account}", moved).json())
    assert coordinator.get("/registrations").status_code == 403
    assert admin.ask("PATCH", f"/accounts/{account}", {"role": "desk"}).status_code == 400  # not at that organisation


@one_store
def test_admin_cannot_disable_or_change_the_own_account(service):
    admin = service.signed_in("admin")
    for answer in (
        admin.post("/accounts/A-admin/disable"),
        admin.post("/accounts/A-admin/invitation"),
        admin.ask("PATCH", "/accounts/A-admin", {"role": "auditor"}),
    ):
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:placement:problem:not_oneself")


@pytest.mark.wide
@one_store
def test_a_lost_telephone_is_replaced_by_a_new_invitation(service):
    admin, reader = service.signed_in("admin"), service.signed_in("reader")
    asked = admin.made("/accounts/A-reader/invitation")
    assert (asked["what"], asked["asked_by"]) == ("invite_again", "A-admin")
    alone = admin.post(f"/second-person-requests/{asked['id']}/grant", {})
    assert (alone.status_code, alone.json()["type"]) == (409, "urn:placement:problem:second_person_needed")
    assert reader.get("/session").is_success  # asking ends nothing
    made = service.granted(asked)
    assert made["about"] == "A-reader"
    assert admin.get("/second-person-requests").json()["items"] == []
    assert reader.get("/session").status_code == 401
    assert reader.sign_in().status_code == 401
    again = joined(service, made["link"], reader.email)
    assert again.sign_in().is_success
    assert again.get("/session").json()["account"] == "A-reader"


@pytest.mark.wide
@one_store
def test_admin_adds_organisation_sees_accounts_but_no_case(service):
    admin = service.signed_in("admin")
    made = admin.made("/organisations", {"name": "Zorgcoördinatie Limburg", "kind": "care_coordination"})
    assert made in admin.get("/organisations?limit=200").json()["items"]
    taken = admin.post("/organisations", {"name": "Nog een", "kind": "shelter", "shelter": "S01"})
    assert (taken.status_code, taken.json()["type"]) == (409, "urn:placement:problem:organisation_exists")
    people = admin.get("/accounts?role=shelter_staff").json()
    assert [one["email"] for one in people["items"]] == [f"staff-s0{n}@placement.example" for n in (1, 2, 3)]
    assert "password" not in admin.get("/accounts").text
    for path in ("/registrations", "/holds", "/stays", "/capacity", "/decisions", "/shelters/S01/capacity"):
        assert admin.get(path).status_code == 403


@pytest.mark.wide
@one_store
def test_account_without_a_sign_in_for_long_is_told_an_actor(service):
    service.signed_in("desk")
    monday = service.moment.at.date() - timedelta(days=1)

    def told():
        found = service.signed_in("admin").get("/accounts?limit=200").json()["items"]
        return {one["email"]: (one["signed_in_on"], one["is_unused"]) for one in found}

    desk = "desk-1@placement.example"
    assert told()[desk] == (monday.isoformat(), False)
    service.moment.pass_by(days=95)
    assert told()[desk] == (monday.isoformat(), False)
    service.moment.pass_by(days=1)
    assert told()[desk] == (monday.isoformat(), True)
    assert [email for email, (_, is_unused) in told().items() if is_unused] == [desk]


def test_personal_key_has_no_more_rights_and_is_revoked_by_owner(service):
    desk = service.verified(service.desk.account)
    made = desk.made("/keys", {"scopes": ["read"], "days": 7})
    token = public(service, "/token", {"key": made["key"]}).json()["token"]
    headers = {"Authorization": f"Bearer {token}"}
    assert service.client.get(f"{API}/registrations", headers=headers).status_code == 200
    assert service.client.post(f"{API}/registrations", headers=headers, json={}).status_code == 403
    listed = desk.get("/keys")
    [row] = [one for one in listed.json()["items"] if one["id"] == made["id"]]
    assert row["last_used_on"]
    assert row["made_by"] == row["account"] == desk.get("/session").json()["account"]
    assert made["key"] not in listed.text
    assert "key" not in desk.made(f"/keys/{made['id']}/revoke")
    assert service.client.get(f"{API}/registrations", headers=headers).status_code == 401
    assert public(service, "/token", {"key": made["key"]}).status_code == 401
    assert desk.post(f"/keys/{made['id']}/revoke").status_code == 404


@one_store
def test_open_session_makes_no_key_without_its_second_factor(service):
    """An unattended session would become access for 90 days."""
    desk = service.verified(service.desk.account)
    service.moment.pass_by(minutes=6)
    desk.get("/session")
    answer = desk.post("/keys", {"days": 7})
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:placement:problem:second_factor_needed")
    assert desk.get("/keys").json()["items"] == service.desk.get("/keys").json()["items"]


@one_store
def test_key_with_write_scope_may_read(service):
    answer = service.verified(service.desk.account).post("/keys", {"scopes": ["write"]})
    assert answer.status_code == 400
    [fault] = answer.json()["errors"]
    assert (fault["field"], fault["code"]) == ("scopes", "write_without_read")


@pytest.mark.wide
@one_store
def test_shelter_key_is_made_by_its_staff_only(service):
    for role, shelter, good in (
        ("shelter_staff", "S01", True),
        ("shelter_staff", "S02", False),
        ("admin", "S02", False),
        ("admin", "S99", False),
        ("desk", "S01", False),
    ):
        client = service.verified(service.signed_in(role).get("/session").json()["account"])
        answer = client.post("/keys", {"shelter": shelter, "scopes": ["read", "write"]})
        assert answer.status_code == (201 if good else 400), (role, shelter)
        if good:
            token = public(service, "/token", {"key": answer.json()["key"]}).json()["token"]
            headers = {"Authorization": f"Bearer {token}"}
            assert service.client.get(f"{API}/shelters/{shelter}/capacity", headers=headers).status_code == 200
        else:
            assert answer.json()["errors"][0]["field"] == "shelter"


@pytest.mark.parametrize(("days", "status"), [(0, 400), (1, 201), (90, 201), (91, 400)])
def test_key_expires_within_90_days(shared, days, status):
    answer = shared.verified(shared.desk.account).post("/keys", {"days": days})
    assert answer.status_code == status
    if status == 400:
        assert answer.json()["errors"][0]["field"] == "days"
    else:
        made = answer.json()
        assert made["scopes"] == ["read"]
        assert made["expires_at"] > made["created_at"]
