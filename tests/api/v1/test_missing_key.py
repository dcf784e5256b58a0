"""A case whose key file is missing, over HTTP: it is reported, and no other request fails."""

import pytest
from sqlalchemy import text

from placement.storage.field_sealing import sealed_columns
from placement.tables import Decision, Hold, Proposal, Registration, Stay
from tests.support.api.housed_client import leave_asked, lives_somewhere
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
    assert "the key of the case is missing" in words_of(page)
    closed = service.desk.made(f"/registrations/{lost}/close", {"reason": "entered_in_error"})
    assert (closed["status"], closed["alias"], closed["threats"]) == ("closed", None, [])


NO_CIPHERTEXT = ("", ":", "x", "x:y", "../x:AAAA", "-:é")
LISTS = ("/registrations", "/capacity", "/holds", "/decisions", "/stays", "/tasks")
OF_A_CASE = (Decision, Hold, Proposal, Registration, Stay)


def write(service, table, column, value, case=""):
    """Writes, as a program with the database's password does, into each row with a value in the column, or those of a
    case.
    """
    of_case = " AND registration_id = :case" if case else ""
    statement = f'UPDATE "{table}" SET "{column}" = :value WHERE "{column}" IS NOT NULL{of_case}'  # noqa: S608
    with service.database.engine.begin() as connection:
        return connection.execute(text(statement), {"value": value, "case": case}).rowcount


def fails_no_list(service, case):
    pages = signed_in(service, "desk")
    assert {path: code for path in LISTS if (code := service.desk.get(path).status_code) != 200} == {}
    assert {path: code for path in LISTS[2:5:2] if (code := service.staff.get(path).status_code) != 200} == {}
    assert {path: code for path in ("/", "/stays", "/holds") if (code := pages.get(path).status_code) != 200} == {}
    assert service.desk.get(f"/registrations/{case}").status_code in {200, 409}


@pytest.mark.wide
@one_store
@pytest.mark.parametrize("table", OF_A_CASE)
def test_sealed_value_that_is_none_fails_its_case_only(service, table):
    lived = lives_somewhere(service).rpartition("/")[2]
    leave_asked(service, somebody(), {"decision": "accept"})
    tried = 0
    for number, (column, _) in enumerate(sealed_columns(table)):
        name = table.__tablename__
        with service.database.engine.begin() as connection:
            kept = connection.execute(text(f'SELECT id, "{column}" FROM "{name}"')).all()  # noqa: S608
        tried += write(service, name, column, NO_CIPHERTEXT[number % len(NO_CIPHERTEXT)]) > 0
        fails_no_list(service, lived)
        with service.database.engine.begin() as connection:
            for row, stored in kept:
                put_back = text(f'UPDATE "{name}" SET "{column}" = :stored WHERE id = :row')  # noqa: S608
                connection.execute(put_back, {"stored": stored, "row": row})
    assert tried


@pytest.mark.wide
@one_store
@pytest.mark.parametrize(("table", "column"), [("stay", "arrived_at"), ("stay", "limit_on"), ("hold", "starts_on")])
def test_damaged_day_of_one_stay_is_a_task_and_fails_no_list(service, table, column):
    lived = lives_somewhere(service).rpartition("/")[2]
    before = service.desk.get("/stays").json()["total"]
    assert write(service, table, column, "x:y", lived) == 1
    fails_no_list(service, lived)
    assert service.desk.get("/stays").json()["total"] == before - (table == "stay")
    kinds = {(task["registration"], task["kind"]) for task in service.desk.get("/tasks").json()["items"]}
    assert ((lived, "unreadable") in kinds) is (table == "stay")
