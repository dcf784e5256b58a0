"""The requests in `docs/guide/exchange.md`, as they stand there, in their order."""

import pytest
from sqlmodel import select

from placement.tables import OpenImport
from tests.support.api.guide_requests import requests_of
from tests.support.exchange.imports import begin
from tests.support.stores import one_store


@pytest.mark.wide
@one_store
def test_requests_of_the_exchange_guide_do_what_it_says(service):
    answers = []
    for method, path, body in requests_of("exchange.md"):
        if isinstance(body, str):
            answers.append(begin(service.desk, body.encode(), path.partition("name=")[2]))
        else:
            written = path.replace("I-2222-2222-2222", answers[0].json()["id"])
            answers.append(service.desk.ask(method, written, body))
        assert answers[-1].is_success, (path, answers[-1].text)
    _, asked, _, read, done, listed, taken_back = (answer.json() for answer in answers)
    assert [(one["asks"], "unit" in one["allowed"]) for one in asked["sheets"]] == [(True, True)]
    assert ([one for one in read["findings"] if one["blocks"]], read["counts"]) == ([], {"make:room": 3})
    assert (done["carried_out"], done["sheets"], listed["open"]) == (True, [], [])
    assert [one["counts"] for one in listed["done"]] == [{"make:room": 3}]
    assert taken_back["taken_back_at"]
    with service.database.transaction() as session:
        assert session.exec(select(OpenImport)).all() == []
