"""Revocation in one process applies in every other at the next request: sessions, and keys with their tokens."""

from itertools import cycle

import httpx
import pytest
from sqlmodel import select

from placement.accounts import api_keys, sessions
from placement.core import clock
from placement.core.context import SYSTEM, Act
from placement.tables import Account
from tests.support.api.processes import serving
from tests.support.proof import FULL


def signed_in(country, count):
    """Begins so many sessions of the desk. Returns how each is ended, with which headers, and the headers of a request
    in it.
    """
    with country.database.transaction() as session:
        account = session.exec(select(Account).where(Account.role == "desk")).first()
        act = Act(session, SYSTEM, clock.now(), country.settings)
        secrets = [sessions.start(act, account, "?") for _ in range(count)]
    return [("/session/end", _headers(one), _headers(one)) for one in secrets]


def _headers(secret):
    return {"Cookie": f"__Host-placement={secret}", "X-CSRF-Token": sessions.csrf_token_of(secret)}


def with_keys(country, count):
    """Keys of the coordinator: what revokes each, the headers of the session, and those of the key's token."""
    found = []
    with country.database.transaction() as session:
        account = session.exec(select(Account).where(Account.role == "coordinator")).first()
        act = Act(session, sessions.actor_for(session, account, clock.now()), clock.now(), country.settings)
        ending = _headers(sessions.start(act, account, "?"))
        for _ in range(count):
            key, row = api_keys.make(act, None, ["read", "write"], 1)
            session.flush()
            token, *_ = api_keys.issue_token(session, act.at, country.settings, key)
            found.append((f"/keys/{row.id}/revoke", ending, {"Authorization": f"Bearer {token}"}))
    return found


@pytest.mark.parametrize("stores", ["postgresql"], indirect=True)
@pytest.mark.parametrize(
    ("workers", "count"),
    [pytest.param(2, 6, marks=pytest.mark.wide), pytest.param(4, 500 if FULL else 50, marks=pytest.mark.long)],
)
def test_revocation_in_one_process_applies_in_all(country, tmp_path, workers, count):
    with serving(country, tmp_path, workers) as base:
        # A connection stays with the process that took it: so many meet each of them, if not for certain.
        clients = [httpx.Client(base_url=f"{base}/api/v1", timeout=60) for _ in range(4 * workers)]
        ender = cycle(clients)
        for end, ending, headers in [*signed_in(country, count // 2), *with_keys(country, count - count // 2)]:
            assert {client.get("/session", headers=headers).status_code for client in clients} == {200}
            assert next(ender).post(end, headers=ending).is_success
            assert {client.get("/session", headers=headers).status_code for client in clients} == {401}
        for client in clients:
            client.close()
