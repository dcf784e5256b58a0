"""Keys and tokens: lifetimes, revocation, and that only a fingerprint is stored."""

from datetime import timedelta

import pytest
from freezegun import freeze_time
from sqlmodel import select

from placement.accounts import api_keys
from placement.core import clock
from placement.core.codes import Role
from placement.core.context import SYSTEM, Act, Actor
from placement.core.errors import Invalid, NotFound, Unauthenticated
from placement.core.ids import fingerprint, new_id, new_secret
from placement.tables import AccessToken, Account, ApiKey
from tests.support.audit_log import logged
from tests.support.town import AT


@pytest.fixture
def account(empty):
    def make(**facts):
        with empty.database.transaction() as session:
            session.add(
                Account(
                    id="A1",
                    email="a@placement.example",
                    role=Role.COORDINATOR,
                    regions=["limburg"],
                    password_hash="x",  # noqa: S106  (nobody signs in with it)
                    totp_secret="y",  # noqa: S106
                )
            )
            session.flush()
            return api_keys.new_key(session, AT, account_id="A1", **facts)

    return make


def issue(empty, key, at=AT):
    with empty.database.transaction() as session:
        return api_keys.issue_token(session, at, empty.settings, key)


def token(empty, key, at=AT):
    return issue(empty, key, at)[:2]


def actor(empty, secret, at=AT):
    with empty.database.transaction() as session:
        return api_keys.actor_of(session, at, empty.settings, secret)


def change(empty, table, **facts):
    with empty.database.transaction() as session:
        for row in session.exec(select(table)):
            for name, value in facts.items():
                setattr(row, name, value)


def test_token_has_the_account_and_scopes_of_its_key(empty, account):
    secret, until = token(empty, account(scopes=["read"]))
    assert until == AT + timedelta(minutes=15)
    found = actor(empty, secret)
    assert (found.id, found.role, found.regions, found.scopes, found.shelter_id) == (
        "A1", Role.COORDINATOR, {"limburg"}, {"read"}, None
    )  # fmt: skip


def test_a_key_of_a_shelter_stands_for_the_shelter(town):
    with town.database.transaction() as session:
        key = api_keys.new_key(session, AT, shelter_id="S1")
    secret, _ = token(town, key)
    found = actor(town, secret)
    assert (found.id, found.role, found.shelter_id) == ("S1", Role.SHELTER, "S1")


@pytest.mark.parametrize(("minutes", "lives"), [(14.99, True), (15, False), (16, False)])
def test_a_token_lives_fifteen_minutes(empty, account, minutes, lives):
    secret, _ = token(empty, account())
    later = AT + timedelta(minutes=minutes)
    if lives:
        assert actor(empty, secret, later)
        return
    with pytest.raises(Unauthenticated) as refused:
        actor(empty, secret, later)
    assert refused.value.code == "token_refused"


@pytest.mark.parametrize(("ahead", "lives"), [(10, True), (20, False), (45_000, False)])
def test_token_of_a_clock_ahead_is_none_once_it_is_put_back(empty, account, ahead, lives):
    key, ahead = account(), timedelta(minutes=ahead)
    secret, _ = token(empty, key, AT + ahead)
    if lives:
        assert actor(empty, secret)
        return
    with pytest.raises(Unauthenticated):
        actor(empty, secret)
    assert actor(empty, token(empty, key)[0])


def test_a_token_does_not_outlive_its_key(empty, account):
    key = account(lifetime=timedelta(minutes=5))
    secret, until = token(empty, key)
    assert until == AT + timedelta(minutes=5)
    for later in (AT + timedelta(minutes=5), AT + timedelta(days=1)):
        with pytest.raises(Unauthenticated):
            actor(empty, secret, later)
        with pytest.raises(Unauthenticated):
            token(empty, key, later)


@pytest.mark.parametrize(("asked", "given"), [(30, 30), (1000, 90)])
def test_token_says_when_its_key_ends(empty, account, asked, given):
    issued = issue(empty, account(lifetime=timedelta(days=asked)))
    assert issued.key_expires_at == AT + timedelta(days=given)
    assert issued.expires_at == AT + timedelta(minutes=15)


def test_key_expires_within_ninety_days(empty, account):
    key = account(lifetime=timedelta(days=1000))
    token(empty, key, AT + timedelta(days=90) - timedelta(seconds=1))
    with pytest.raises(Unauthenticated):
        token(empty, key, AT + timedelta(days=90))


@pytest.mark.parametrize("ending", [(ApiKey, {"revoked_at": AT}), (Account, {"disabled_at": AT})])
def test_a_revoked_key_and_a_disabled_account_count_at_once(empty, account, ending):
    key = account()
    secret, _ = token(empty, key)
    table, facts = ending
    change(empty, table, **facts)
    with pytest.raises(Unauthenticated) as refused:
        actor(empty, secret)
    assert refused.value.code == "token_refused"
    with pytest.raises(Unauthenticated) as refused:
        token(empty, key)
    assert refused.value.code == "key_refused"


def test_changed_rights_count_at_once(empty, account):
    secret, _ = token(empty, account())
    change(empty, Account, regions=["amsterdam"], role=Role.DESK)
    assert (actor(empty, secret).regions, actor(empty, secret).role) == (set(), Role.DESK)


@pytest.mark.parametrize("key", ["", "plk_nonsense", "plt_" + "x" * 43])
def test_invalid_keys_and_tokens_are_refused_alike(empty, account, key):
    account()
    with pytest.raises(Unauthenticated) as refused:
        token(empty, key)
    assert (refused.value.code, refused.value.facts) == ("key_refused", {})
    with pytest.raises(Unauthenticated) as refused:
        actor(empty, key)
    assert (refused.value.code, refused.value.facts) == ("token_refused", {})


def test_a_key_is_no_token_and_a_token_no_key(empty, account):
    key = account()
    secret, _ = token(empty, key)
    with pytest.raises(Unauthenticated):
        actor(empty, key)
    with pytest.raises(Unauthenticated):
        token(empty, secret)


def test_staff_see_and_revoke_own_and_shelter_keys_only(town):
    whose = [("A-S1", None), (None, "S1"), (None, "S2"), ("A-desk", None)]
    with town.database.transaction() as session:
        for name, role in (("A-S1", Role.SHELTER_STAFF), ("A-desk", Role.DESK)):
            nobody = {"password_hash": "-", "totp_secret": "-"}
            session.add(Account(id=name, email=f"{name}@placement.example", role=role, **nobody))
        session.flush()
        for account_id, shelter_id in whose:
            api_keys.new_key(session, AT, account_id=account_id, shelter_id=shelter_id)
    staff = Actor("A-S1", Role.SHELTER_STAFF, shelter_id="S1", session_id="Z")
    seen = town.do(lambda act: act.session.exec(api_keys.listed(act)).all(), actor=staff)
    assert {(row.account_id, row.shelter_id) for row in seen} == set(whose[:2])
    for row in town.all(select(ApiKey)):
        if (row.account_id, row.shelter_id) in whose[2:]:
            with pytest.raises(NotFound):
                town.do(api_keys.revoke, row.id, actor=staff)


def test_key_is_stored_as_fingerprint_and_logged_by_id(empty, account):
    key = account()
    secret, _ = token(empty, key)
    with empty.database.transaction() as session:
        [row], [live] = session.exec(select(ApiKey)).all(), session.exec(select(AccessToken)).all()
        assert (row.fingerprint, live.fingerprint) == (fingerprint(key), fingerprint(secret))
        assert row.last_used_on == clock.monday_of(AT.date())
        [line] = logged(session)
    assert (line.event, line.actor, line.object_id) == ("token:issued", "A1", row.id)
    assert key not in repr(row)


@pytest.mark.wide
def test_clock_is_utc_and_a_day_is_an_amsterdam_day():
    with freeze_time("2026-03-28 23:30:00"):
        assert clock.now().isoformat() == "2026-03-28T23:30:00+00:00"
        assert clock.day_of(clock.now()).isoformat() == "2026-03-29"
    with freeze_time("2026-07-01 22:00:00"):
        assert clock.day_of(clock.now()).isoformat() == "2026-07-02"
    assert clock.start_of(clock.day_of(AT)).isoformat() == "2026-11-23T23:00:00+00:00"


def test_ids_are_opaque_and_secrets_have_a_scannable_prefix():
    ids = {new_id("R") for _ in range(2000)}
    assert len(ids) == 2000
    assert all(len(one) == 16 and not set(one[1:]) & set("01OILU") for one in ids)
    assert new_secret("plk").startswith("plk_")
    assert len(new_secret("plk")) == 47


def test_key_by_command_is_made_for_an_existing_shelter_only(empty):
    with empty.database.transaction() as session, pytest.raises(Invalid):
        api_keys.make(Act(session, SYSTEM, AT, empty.settings), "S99", ["read"], 90)
