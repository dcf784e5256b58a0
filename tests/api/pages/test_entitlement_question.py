"""Services that are open to a citizen of the EU: the deciding fact is asked for, with its source, and never guessed."""

import pytest

from tests.support.api.page_content import words_of
from tests.support.api.pages import signed_in
from tests.support.api.service import somebody
from tests.support.stores import one_store


@pytest.mark.wide
@one_store
@pytest.mark.parametrize(
    ("language", "asked", "checked"),
    [
        ("nl", "Vraag of deze EU-burger rechten heeft", "vraag het eerst bij de COSM na"),
        ("en", "Ask whether this EU citizen has rights", "so ask COSM first"),
    ],
)
def test_eu_citizen_without_rights_may_be_of_cosm(service, language, asked, checked):
    case = f"/registrations/{service.coordinator.made('/registrations', somebody(residence_basis='eu'))['id']}"
    reader = signed_in(service, "coordinator", language=language)
    shown = words_of(reader.get(case))
    assert asked in shown
    assert "Stcrt. 2023, 13577" in shown
    read = service.coordinator.get(case, Accept_Language=language).json()
    assert read["entitlement"]["question"].startswith(asked)
    assert read["entitlement"]["schemes"][0] == "womens"
    version = f'"{read["version"]}"'
    changed = service.coordinator.patch(case, {"community_rights": "no", "reason": "correction"}, If_Match=version)
    found = changed.json()["entitlement"]
    assert (found["rule"], found["schemes"], found["question"]) == ("eu_reflection", ["cosm", "crisis"], None)
    shown = words_of(reader.get(case))
    assert asked not in shown
    assert checked in shown


@one_store
def test_other_client_is_not_asked_about_rights(service):
    made = service.coordinator.made("/registrations", somebody())
    assert made["entitlement"]["question"] is None
