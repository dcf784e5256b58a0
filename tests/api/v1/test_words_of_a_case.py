"""Free words about a client, and the client's own answer: shown to readers who may open the case, and in no list of
decisions.
"""

import pytest

from tests.support.api.pages import signed_in
from tests.support.api.resources import confirm_counts
from tests.support.api.service import somebody
from tests.support.stores import one_store

FOR_SHELTER, DRIVER_TOLD, WHY_NOT = "Belt aan bij de zijdeur", "Naar het station", "Te dicht bij de broer"
SAID = {"client_says": "yes", "for_shelter": FOR_SHELTER, "driver": "taxi", "driver_told": DRIVER_TOLD}


@pytest.fixture
def decided(service):
    """Makes a decision of the coordinator that waits for the desk, to which the case is open until it answers."""
    service.close_all()
    confirm_counts(service)
    case = service.coordinator.made("/registrations", somebody())["id"]
    proposal = service.coordinator.made(f"/registrations/{case}/proposals")["id"]
    coordinator = service.verified(service.coordinator.account)
    return coordinator.made(f"/proposals/{proposal}/decision", {"decision": "accept"} | SAID)


def words_of(decision):
    return decision["client_says"], decision["second_text"]


def in_list(reader, path, name):
    return next(one for one in reader.get(path).json()["items"] if one["id"] == name)


@pytest.mark.wide
@one_store
def test_answers_of_a_closed_case_are_told_to_its_coordinator(service, decided):
    path = f"/decisions/{decided['id']}"
    assert [words_of(reader.get(path).json()) for reader in (service.desk, service.coordinator)] == [("yes", None)] * 2
    desk = service.verified(service.desk.account)
    answered = desk.made(f"{path}/confirmation", {"granted": False, "text": WHY_NOT})
    assert (answered["status"], words_of(answered)) == ("refused", (None, None))
    for reader in (service.desk, service.desk.software, service.coordinator):
        assert words_of(in_list(reader, "/decisions", decided["id"])) == (None, None)
    assert words_of(service.desk.get(path).json()) == (None, None)
    assert words_of(service.coordinator.get(path).json()) == ("yes", WHY_NOT)
    assert WHY_NOT not in signed_in(service, "desk").get(path).text
    assert WHY_NOT in signed_in(service, "coordinator").get(path).text
    service.opened(decided["registration"])
    assert words_of(service.desk.get(path).json()) == ("yes", WHY_NOT)


@pytest.mark.wide
@one_store
def test_words_of_a_hold_are_not_told_where_its_case_is_closed(service, decided):
    def told(reader):
        one = in_list(reader, "/holds", decided["hold"])["told"]
        assert one == reader.get(f"/holds/{decided['hold']}").json()["told"]
        return one["for_shelter"], one["driver"], one["driver_told"]

    assert told(service.desk) == (FOR_SHELTER, "taxi", DRIVER_TOLD)
    service.verified(service.desk.account).made(f"/decisions/{decided['id']}/confirmation", {"granted": True})
    for reader in (service.desk, service.desk.software):
        assert told(reader) == (None, "taxi", None)
    assert FOR_SHELTER not in signed_in(service, "desk").get("/holds").text
    for reader in (service.coordinator, service.staff):
        assert told(reader) == (FOR_SHELTER, "taxi", DRIVER_TOLD)
    service.opened(decided["registration"])
    assert told(service.desk) == (FOR_SHELTER, "taxi", DRIVER_TOLD)
