"""The requests in `docs/guide/rules.md`, as they stand there, in their order."""

import pytest

from tests.support.api.guide_requests import requests_of
from tests.support.stores import one_store


@pytest.mark.wide
@one_store
def test_requests_of_the_rules_guide_do_what_it_says(service):
    answers = []
    for number, (method, path, body) in enumerate(requests_of("rules.md")):
        caller = service.desk if number < 2 else service.second
        answers.append(caller.ask(method, path.replace("{id}", answers[1]["id"] if answers[1:] else ""), body))
        assert answers[-1].is_success, (path, answers[-1].text)
        answers[-1] = answers[-1].json()
    rehearsed, asked, waiting, again, granted, rules = answers
    assert again == rehearsed
    assert [one["id"] for one in waiting["items"]] == [asked["id"]]
    assert (granted["status"], granted["settled_by"]) == ("granted", service.second.account)
    [rule] = [one for one in rules["items"] if one["code"] == "reflection"]
    assert rule["value"]["schemes"] == ["cosm", "social"]
