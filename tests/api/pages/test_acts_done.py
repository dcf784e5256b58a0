"""The sentence that a page shows after an important act, with its way back."""

import pytest

from placement.registrations.case_handles import handle_of
from tests.support.api.housed_client import overridden
from tests.support.api.pages import signed_in
from tests.support.api.resources import asked_hold, offered
from tests.support.stores import one_store

CALLED = {"call__number": "placing", "call__caller_role": "groepsleider", "call__caller_name": "De stem"}
AT = {"expected_at": "2026-11-24T17:00:00+00:00", "driver": "taxi"}


@pytest.fixture
def hold(service):
    return asked_hold(service)


def case_of(service, hold):
    return handle_of(service.desk.get(f"/holds/{hold}").json()["registration"])


def note_of(page):
    """Returns the text of the note above the page."""
    return page.text.split('role="status" tabindex="-1" autofocus>')[1].split("</div>")[0]


@pytest.mark.wide
@one_store
def test_answers_and_arrival_are_named_and_taken_back(service, hold):
    staff, case = signed_in(service, "shelter_staff", language="nl"), case_of(service, hold)
    staff.get("/holds")
    confirmed = staff.send(f"/holds/{hold}/answer", answer="confirm", **AT)
    assert note_of(confirmed).startswith(f"Het antwoord is ja: {case}")
    arrived = staff.send(f"/holds/{hold}/arrive")
    assert note_of(arrived).startswith(f"{case} is aangekomen: ")
    back = f"/holds/{hold}/arrival/reversal"
    assert arrived.text.index(f'action="{back}"') < arrived.text.index("<h1")
    assert case not in "".join(str(one.url) for one in (*arrived.history, arrived))
    staff.send(back)
    assert "is aangekomen" not in staff.get("/holds").text
    assert service.desk.get(f"/holds/{hold}").json()["status"] == "confirmed"


@pytest.mark.wide
@one_store
def test_refusal_names_the_case(service, hold):
    staff = signed_in(service, "shelter_staff", language="nl")
    staff.get("/holds")
    refused = staff.send(f"/holds/{hold}/answer", answer="refuse", reason="no_capacity")
    assert note_of(refused).startswith(f"Het antwoord is nee: {case_of(service, hold)}")


@pytest.mark.wide
@one_store
@pytest.mark.parametrize(("reason", "closes"), [("staff_shortage", True), ("no_capacity", True), ("house_mix", False)])
def test_refusal_that_closes_rooms_is_said(service, hold, reason, closes):
    staff = signed_in(service, "shelter_staff", language="nl")
    staff.get("/holds")
    note = note_of(staff.send(f"/holds/{hold}/answer", answer="refuse", reason=reason))
    assert ("zijn de vrije bedden daar niet toe te wijzen" in note) is closes


@pytest.mark.wide
@one_store
@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("own_housing", "het dossier is gesloten"),
        ("asked_to_leave", "er wordt weer een plaats gezocht"),
        ("left_to_unknown_destination", "de cliënt telt als vermist"),
    ],
)
def test_message_of_a_departure_has_its_effect_on_the_case(service, hold, reason, words):
    staff = signed_in(service, "shelter_staff", language="nl")
    staff.get("/holds")
    staff.send(f"/holds/{hold}/answer", answer="confirm", **AT)
    staff.send(f"/holds/{hold}/arrive")
    stay = service.desk.get(f"/holds/{hold}").json()["stay"]
    assert words in note_of(staff.send(f"/stays/{stay}/end", reason=reason))


@pytest.mark.wide
@one_store
def test_departure_is_named_and_taken_back(service, hold):
    staff, case = signed_in(service, "shelter_staff", language="nl"), case_of(service, hold)
    staff.get("/holds")
    staff.send(f"/holds/{hold}/answer", answer="confirm", **AT)
    staff.send(f"/holds/{hold}/arrive")
    stay = service.desk.get(f"/holds/{hold}").json()["stay"]
    gone = staff.send(f"/stays/{stay}/end", reason="own_housing")
    assert note_of(gone).startswith(f"{case} is weg uit ")
    assert gone.text.index(f'action="/stays/{stay}/end/reversal"') < gone.text.index("<h1")


@pytest.mark.wide
@one_store
def test_no_show_is_named_and_taken_back(service, hold):
    staff, case = signed_in(service, "shelter_staff", language="nl"), case_of(service, hold)
    staff.get("/holds")
    staff.send(f"/holds/{hold}/answer", answer="confirm", **AT)
    service.moment.pass_by(hours=8)
    staff = signed_in(service, "shelter_staff", language="nl")
    staff.get(f"/holds/{hold}/arrival")
    missed = staff.send(f"/holds/{hold}/no-show", rung="no_answer")
    assert note_of(missed).startswith(f"{case} is niet gekomen bij ")
    assert missed.text.index(f'action="/holds/{hold}/no-show/reversal"') < missed.text.index("<h1")


@pytest.mark.wide
@one_store
def test_entries_by_telephone_are_named_and_taken_back(service):
    hold = asked_hold(service, by=service.second)
    desk, case = signed_in(service, "desk", language="nl"), case_of(service, hold)
    desk.get("/shelters/S01/call")
    assert note_of(desk.send("/shelters/S01/call", as_shown="yes", **CALLED)) == "Opgeslagen: alle kamers kloppen zo."
    desk.get(f"/holds/{hold}/call")
    confirmed = desk.send(f"/holds/{hold}/call/answer", answer="confirm", **AT, **CALLED)
    assert note_of(confirmed).startswith(f"Het antwoord is ja: {case}")
    desk.get(f"/holds/{hold}/call")
    arrived = desk.send(f"/holds/{hold}/call/arrival", **CALLED)
    assert note_of(arrived).startswith(f"{case} is aangekomen: ")
    assert arrived.text.index(f'action="/holds/{hold}/arrival/reversal"') < arrived.text.index("<h1")
    desk.send(f"/holds/{hold}/arrival/reversal")
    assert service.desk.get(f"/holds/{hold}").json()["status"] == "confirmed"


@pytest.mark.wide
@one_store
def test_answer_to_an_entry_is_named(service):
    desk, staff = (signed_in(service, role, language="nl") for role in ("desk", "shelter_staff"))
    call = {name.removeprefix("call__"): value for name, value in CALLED.items()}
    service.second.made("/shelters/S01/telephone/confirmation", {"call": call})
    [entry] = service.staff.get("/telephone-entries").json()["items"]
    staff.get("/telephone")
    denied = staff.send(f"/telephone/{entry['id']}/contradiction", text="Kamer 1 is vol.")
    assert note_of(denied).startswith("Opgeslagen: de opvang spreekt de invoer tegen.")
    desk.get("/telephone")
    settled = desk.send(f"/telephone/{entry['id']}/settlement", text="Gebeld.")
    assert note_of(settled).startswith("Opgeslagen: de tegenspraak is afgehandeld.")


@pytest.mark.wide
@one_store
@pytest.mark.parametrize(("answer", "words"), [("yes", "De desk is het ermee"), ("no", "De desk is het niet")])
def test_answer_of_the_desk_is_named(service, answer, words):
    decision = overridden(service, offered(service))
    desk = signed_in(service, "desk", language="nl")
    path = f"/decisions/{decision['id']}"
    desk.get(path)
    said = note_of(desk.send(f"{path}/confirm", granted=answer, text="" if answer == "yes" else "Te dichtbij"))
    assert said.startswith(words)
    assert handle_of(decision["registration"]) in said
    assert decision["place"] in said
