"""The page of a client's rights: who reaches it, the document on paper and as a file, and the request for erasure."""

import json

import pytest

from tests.support.api.page_content import words_of
from tests.support.api.pages import Reader
from tests.support.api.service import somebody
from tests.support.stores import one_store

pytestmark = one_store


def fresh(service, role):
    """Returns a reader who has just given the second factor."""
    reader = Reader(service, role)
    reader.sign_in()
    reader.verify("/account")
    return reader


@pytest.mark.wide
def test_document_is_shown_in_either_language_and_as_a_file(service):
    case = service.desk.made("/registrations", somebody(region="den-haag"))["id"]
    reader = fresh(service, "desk")
    here = f"/registrations/{case}/rights"
    assert f"{here}/document?in=nl" in reader.get(here).text
    assert "What is known of you" in words_of(reader.get(f"{here}/document?in=en"))
    assert "Wat er over u bekend is" in words_of(reader.get(f"{here}/document?in=nl"))
    file = reader.get(f"{here}/document?in=en&as_file=true")
    assert (file.headers["cache-control"], f"{case}.json" in file.headers["content-disposition"]) == ("no-store", True)
    assert json.loads(file.text)["parts"][0]["table"] == "registration"


@pytest.mark.wide
def test_document_of_another_region_or_role_is_refused(service):
    case = service.desk.made("/registrations", somebody(region="den-haag"))["id"]
    for role in ("coordinator", "admin", "auditor"):
        with_page = Reader(service, role)
        with_page.sign_in()
        for path in ("", "/document", "/document?as_file=true"):
            assert with_page.get(f"/registrations/{case}/rights{path}").status_code in {403, 404}, (role, path)


@pytest.mark.wide
def test_erasure_is_asked_on_the_page_of_a_closed_case(service):
    case = service.desk.made("/registrations", somebody(region="den-haag"))["id"]
    reader = fresh(service, "desk")
    here = f"/registrations/{case}/rights"
    assert "/rights/erasure" not in reader.get(here).text
    service.desk.made(f"/registrations/{case}/close", {"reason": "withdraws_consent"})
    reader.get(here)
    assert reader.send(f"{here}/erasure", ground="objection").status_code == 200
    assert "erasure of a case before its term" in words_of(reader.get("/second-person?settled=true"))


@pytest.mark.wide
def test_restriction_of_a_closed_case_is_saved_on_the_page(service):
    case = service.desk.made("/registrations", somebody(region="den-haag"))["id"]
    reader = Reader(service, "desk")
    reader.sign_in()
    here = f"/registrations/{case}/rights"
    assert "/rights/restriction" not in reader.get(here).text
    service.desk.made(f"/registrations/{case}/close", {"reason": "found_other_place"})
    for chosen in ("unlawful", ""):
        page = reader.get(here)
        reader.send(f"{here}/restriction", restriction=chosen)
        assert service.desk.get(f"/registrations/{case}").json()["restriction"] == (chosen or None), page.text
