"""A token that does not answer, over HTTP: 503 in words, nothing is stored, and no value is taken for lost."""

import pytest

from placement.core.errors import TokenAway
from placement.crypto.key_store import KeyStore
from tests.support.api.service import somebody
from tests.support.stores import one_store


@pytest.mark.wide
@one_store
def test_token_away_is_503_in_words_and_passes(service, monkeypatch):
    case = service.desk.made("/registrations", somebody(region="den-haag", alias="Merel"))["id"]

    before = service.desk.get("/registrations").json()

    def away(*_):
        raise TokenAway("the token trial cannot be used: it is locked")

    with monkeypatch.context() as patch:
        patch.setattr(KeyStore, "key", away)
        patch.setattr(KeyStore, "make", away)
        for answer in (
            service.desk.get(f"/registrations/{case}"),
            service.desk.get("/registrations"),
            service.desk.post("/registrations", somebody(region="den-haag", alias="Kauw")),
        ):
            assert (answer.status_code, answer.json()["type"]) == (503, "urn:placement:problem:token_away")
            assert "het token met de sleutels antwoordt niet" in answer.json()["detail"]
            assert "locked" not in answer.text  # for the operator alone
            assert answer.headers["Retry-After"] == "5"
    assert service.desk.get(f"/registrations/{case}").json()["alias"] == "Merel"
    assert service.desk.get("/registrations").json() == before
