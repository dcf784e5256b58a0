"""A shelter asks about its profile until it knows the language of a client who waits somewhere.

Four clients speak English, and another speaks Tigrinya. A unit opens to five of them, which is an answer, or to four.
"""

from datetime import timedelta

import pytest

from placement.accounts.rate_limits import Balance
from placement.jobs import periodic
from placement.solver import profile_preview
from placement.solver.profile_preview import A_WEEK
from tests.support.api.service import somebody
from tests.support.stores import one_store

PROFILE = "/units/S01-L1-U1/profile"
LANGUAGES = ["ar", "bg", "es", "fa", "fr", "hu", "ig", "it", "pl", "pt", "ro", "ru", "so", "sq", "th", "ti", "tr", "uk"]
SPOKEN = "ti"
pytestmark = one_store


@pytest.fixture
def waiting(service):
    service.close_all()
    for code in ["en"] * 4 + [SPOKEN]:
        spoken = [{"code": code, "level": "fluent"}]
        service.desk.made("/registrations", somebody(languages=spoken, language_required=True))
    return service


def save(service, **changed):
    found = service.shelter.get(PROFILE)
    names = ("admits", "min_age", "max_age", "children", "languages", "interpreter_languages", "specialisms")
    facts = {name: found.json()[name] for name in (*names, "high_care_limit")} | changed
    answer = service.shelter.put(PROFILE, facts, If_Match=found.headers["ETag"])
    assert answer.is_success, answer.text
    return facts


def test_made_up_profiles_find_no_language(waiting):
    facts = save(waiting, languages=[], interpreter_languages=[])
    asked = [waiting.shelter.post(f"{PROFILE}/effect", facts | {"languages": ["en", code]}) for code in LANGUAGES]
    assert {answer.status_code for answer in asked} == {400}


def found_by_saving(service):
    """Returns the languages whose speaker a unit with this language alone already takes, as far as it gets answers.
    An interpreter opens the unit to five others without it, and to four with it.
    """
    answers = {}
    for code in LANGUAGES:
        save(service, languages=[code], interpreter_languages=[])
        answers[code] = service.shelter.post(f"{PROFILE}/effect", {"question": "languages"})
    given = {code: answer.json()["opens"]["clients"] for code, answer in answers.items() if answer.is_success}
    refused = {answer.json()["type"].split(":")[-1] for answer in answers.values() if not answer.is_success}
    return {code for code, clients in given.items() if clients == "few"}, len(given), refused


@pytest.mark.wide
def test_saved_profiles_find_no_language_within_the_allowance(waiting):
    found, answered, refused = found_by_saving(waiting)
    assert (found, answered, refused) == (set(), A_WEEK.holds, {"questions_spent"})
    for _ in range(2):
        waiting.moment.pass_by(days=1)
        asked = [waiting.shelter.post(f"{PROFILE}/effect", {"question": "women"}).status_code for _ in range(2)]
        assert asked == [200, 429]


@pytest.mark.wide
def test_questions_without_an_allowance_find_the_language(waiting, monkeypatch):
    monkeypatch.setattr(profile_preview, "A_WEEK", Balance(holds=1000, each=timedelta(days=1)))
    assert found_by_saving(waiting) == ({SPOKEN}, len(LANGUAGES), set())


def test_every_account_of_a_shelter_has_the_same_allowance(waiting):
    for caller in [waiting.shelter, waiting.staff] * 4:
        answer = caller.post(f"{PROFILE}/effect", {"question": "women"})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) <= timedelta(days=1).total_seconds()
    assert waiting.desk.post(f"{PROFILE}/effect", {"question": "women"}).is_success


@pytest.mark.wide
def test_spent_allowance_is_kept_until_it_has_filled_up(waiting):
    for _ in range(A_WEEK.holds):
        waiting.shelter.made(f"{PROFILE}/effect", {"question": "women"})
    waiting.moment.pass_by(days=3)
    for job in periodic.JOBS:
        if job.name == "erase_tries":
            periodic.run(waiting.database, waiting.country.settings, job, waiting.moment.at)
    asked = [waiting.shelter.post(f"{PROFILE}/effect", {"question": "women"}).status_code for _ in range(4)]
    assert asked == [200, 200, 200, 429]
