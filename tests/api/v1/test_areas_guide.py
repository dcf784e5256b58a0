"""The requests in `docs/guide/areas.md`, as they stand there, in their order."""

from tests.support.api.guide_requests import requests_of
from tests.support.stores import one_store


@one_store
def test_requests_of_the_areas_guide_do_what_it_says(service):
    answers = []
    for method, path, body in requests_of("areas.md"):
        answers.append(service.desk.ask(method, path, body, If_Match='"1"'))
        assert answers[-1].is_success, (path, answers[-1].text)
    rehearsed, taken, made, changed, listed, handed = (answer.json() for answer in answers)
    assert rehearsed == taken == {"made": 2, "changed": 0, "ended": 0, "unchanged": 0}
    assert (handed["code"], handed["coordinated_by"]) == ("limburg", ["O-amsterdam"])
    assert (made["name"], changed["name"]) == ("Twente", "Twente en Achterhoek")
    assert [one["municipalities"] for one in listed["items"] if one["code"] == "twente"] == [["0153", "0141"]]
