"""A row that was written from outside the service opens nothing over HTTP. The answer is a clear refusal, never an
error of the server.
"""

from sqlalchemy import text

from placement.core.codes import Role
from tests.support.audit_log import logged
from tests.support.stores import both_stores


def write(service, statement):
    with service.database.engine.begin() as connection:
        connection.execute(text(statement))


def said(service, event="rows:seal_broken"):
    return [one.facts for one in logged(service, event=event)]


@both_stores
def test_raised_account_is_signed_out_with_an_event(service):
    reader = service.signed_in("reader")
    assert reader.get("/session").status_code == 200
    write(service, "UPDATE account SET role = 'desk' WHERE role = 'reader'")
    answer = reader.get("/session")
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:placement:problem:session_refused")
    assert said(service) == [{"table": "account", "row": "A-reader"}]


@both_stores
def test_second_factor_that_was_written_signs_out(service):
    desk = service.signed_in("desk")
    write(service, "UPDATE accountsession SET verified_at = last_used_at")
    assert desk.get("/session").status_code == 401
    assert [facts["table"] for facts in said(service)] == ["accountsession"]


@both_stores
def test_token_of_a_changed_key_is_refused(service):
    program = service.program(Role.DESK, scopes=("read",))
    assert program.get("/rules").status_code == 200
    write(service, 'UPDATE apikey SET scopes = \'["read", "write", "more"]\'')
    answer = program.get("/rules")
    assert (answer.status_code, answer.json()["type"]) == (401, "urn:placement:problem:token_refused")


@both_stores
def test_changed_rule_is_a_problem_with_words_not_an_error(service):
    desk = service.signed_in("desk")
    write(service, "UPDATE datedrule SET source = 'mine'")
    answer = desk.get("/rules")
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:placement:problem:seal_broken")
    assert said(service)[0]["table"] == "datedrule"
