"""Forged ID tokens, and ID tokens of another service, are rejected by single sign-on."""

from datetime import UTC, datetime

import pytest

from tests.support.api.service import API
from tests.support.sso_provider import (
    FOREIGN,
    HOUR,
    Arriving,
    altered,
    by_the_public_key,
    provider,
    signed,
    unsigned,
    with_its_own_key,
)
from tests.support.stores import one_store

__all__ = ("provider",)


@pytest.mark.wide
@one_store
def test_forged_or_foreign_id_token_is_refused(service, provider):
    browser = Arriving(service, provider)
    now = int(datetime.now(UTC).timestamp())
    found = {make.__name__: browser.status(make) for make in (unsigned, by_the_public_key, with_its_own_key, altered)}
    found["of another key"] = browser.status(lambda claims: signed(claims, FOREIGN))
    for name, other in {
        "another service": {"aud": "another"},
        "another provider": {"iss": "http://localhost:1"},
        "over": {"iat": now - 2 * HOUR, "exp": now - HOUR},
        "not yet": {"nbf": now + HOUR},
        "another attempt": {"nonce": "x" * 32},
    }.items():
        found[name] = browser.status(**other)
    assert found == dict.fromkeys(found, 401)
    assert browser.status() == 200


@pytest.mark.wide
@one_store
def test_document_of_another_issuer_is_not_used(service, provider):
    browser = Arriving(service, provider)
    assert browser.status() == 200
    provider.document["issuer"] = "http://localhost:1"
    assert service.client.post(f"{API}/session/sso").status_code == 503
