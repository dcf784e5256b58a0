"""A case whose key file is missing, over HTTP: it is reported, and no other request fails."""

import pytest

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
