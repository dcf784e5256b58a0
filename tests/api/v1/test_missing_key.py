"""A case whose key file is missing, over HTTP: it is reported, and no other request fails."""

import pytest
from sqlalchemy import text

from tests.support.api.page_content import words_of
from tests.support.api.pages import signed_in
from tests.support.api.service import somebody
from tests.support.stores import one_store


@pytest.mark.wide
@one_store
def test_missing_key_of_one_case_fails_no_other_request(service):
    lost = service.desk.made("/registrations", somebody(region="den-haag", alias="Merel"))["id"]
    other = service.desk.made("/registrations", somebody(region="den-haag"))["id"]
    (service.country.settings.key_store / f"{lost}.key").unlink()
    for path in ("/registrations", "/registrations?region=den-haag", "/capacity", "/capacity/shortage", "/holds"):
        assert service.desk.get(path).status_code == 200, path
    assert service.desk.post(f"/registrations/{other}/proposals").status_code == 201
    for answer in (
        service.desk.get(f"/registrations/{lost}"),
        service.desk.post(f"/registrations/{lost}/proposals"),
        service.desk.patch(f"/registrations/{lost}", {"alias": "Kauw"}, If_Match='"1"'),
    ):
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:placement:problem:content_unreadable")
        assert lost in answer.json()["detail"]
    page = signed_in(service, "desk").get("/")
    assert page.status_code == 200
    assert "its key is missing" in words_of(page)
    closed = service.desk.made(f"/registrations/{lost}/close", {"reason": "entered_in_error"})
    assert (closed["status"], closed["alias"], closed["threats"]) == ("closed", None, [])


OF_A_CASE = (
    "registration.content",
    "hold.unit_id",
    "hold.told",
    "stay.unit_id",
    "decision.unit_id",
    "proposal.problem",
)
NO_CIPHERTEXT = ("", ":", "x", "x:y", "../x:AAAA", "-:é")


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("column", OF_A_CASE)
def test_sealed_value_that_is_none_fails_its_case_only(service, column):
    """Written by a program with the database's password."""
    lost = service.desk.made("/registrations", somebody(region="den-haag", alias="Merel"))["id"]
    proposal = service.desk.made(f"/registrations/{lost}/proposals")
    service.desk.post(f"/proposals/{proposal['id']}/decision", {"kind": "accepted"})
    table, name = column.split(".")
    for value in NO_CIPHERTEXT:
        with service.country.database.engine.begin() as connection:
            connection.execute(text(f'UPDATE "{table}" SET "{name}" = :value'), {"value": value})  # noqa: S608
        for path in ("/registrations", "/capacity", "/holds", "/stays"):
            assert service.desk.get(path).status_code == 200, (value, path)
        assert service.desk.get(f"/registrations/{lost}").status_code in {200, 409}, value
