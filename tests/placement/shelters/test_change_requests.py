"""Changes that need two persons: the desk grants what a shelter proposes, and a second person an address."""

from datetime import timedelta

import pytest

from placement.core.codes import MessageKind, Role
from placement.core.context import Actor, by_command
from placement.core.errors import Conflict, Invalid, NotAllowed, NotFound
from placement.core.place_codes import ChangeKind, PlaceStatus
from placement.core.second_person_codes import SecondPersonKind, SecondPersonStatus
from placement.outbox import webhooks
from placement.second_person import requests
from placement.shelters import change_requests, register
from placement.tasks.second_person_kinds import KINDS
from tests.support import second_person
from tests.support.accounts import add_accounts, disable
from tests.support.messages import sent
from tests.support.town import COORDINATOR, DESK, OTHER_DESK, TODAY, shelter


def ask(town, kind=ChangeKind.CHANGE_UNIT, target="U1-women", version=1, *, actor=None, **values):
    return town.do(change_requests.change, kind, target, version, values, actor=actor or shelter("S1"))


def answer(town, request, *, granted=True, actor=DESK, **facts):
    return town.do(second_person.answer, request.id, granted=granted, actor=actor, **facts)


def test_change_by_a_shelter_waits_for_the_desk(town):
    asked = ask(town, name="Vrouwenhuis")
    assert (asked.status, town.one("unit", "U1-women").name) == (SecondPersonStatus.ASKED, "U1-women")
    answer(town, asked)
    assert town.one("unit", "U1-women").name == "Vrouwenhuis"


def test_change_by_the_desk_is_carried_out_at_once(town):
    assert ask(town, actor=DESK, name="Vrouwenhuis").name == "Vrouwenhuis"


def test_new_unit_of_a_shelter_is_made_when_it_is_granted(town):
    opens_on = (TODAY + timedelta(days=3)).isoformat()
    asked = ask(town, ChangeKind.NEW_UNIT, "L1", 0, name="Zolder", scheme="crisis", opens_on=opens_on)
    answer(town, asked)
    [made] = [unit for unit in town.all(register.select(register.Unit)) if unit.name == "Zolder"]
    assert (made.scheme.value, made.status, made.location_id) == ("crisis", PlaceStatus.PLANNED, "L1")


def test_closing_by_a_shelter_waits_for_the_grant(town):
    asked = ask(town, ChangeKind.CLOSE_UNIT, until=TODAY.isoformat())
    assert town.one("unit", "U1-women").status is PlaceStatus.OPEN
    answer(town, asked)
    assert town.one("unit", "U1-women").status is PlaceStatus.CLOSED


def test_refused_change_changes_nothing(town):
    answer(town, ask(town, name="Vrouwenhuis"), granted=False)
    assert town.one("unit", "U1-women").name == "U1-women"


def test_answered_change_is_not_answered_again(town):
    asked = ask(town, name="Vrouwenhuis")
    answer(town, asked, granted=False)
    with pytest.raises(Conflict):
        answer(town, asked)


def test_change_of_a_unit_that_changed_since_is_not_granted(town):
    asked = ask(town, name="Vrouwenhuis")
    town.do(register.change_unit, "U1-women", 1, {"name": "Huis"})
    with pytest.raises(Conflict) as refused:
        answer(town, asked)
    assert refused.value.code == "change_outdated"


def test_same_change_is_asked_once(town):
    ask(town, name="Vrouwenhuis")
    with pytest.raises(Conflict):
        ask(town, name="Huis")


def test_shelter_asks_for_its_own_units_and_answers_nothing(town):
    with pytest.raises(NotFound):
        ask(town, target="U3-omm", name="Huis")
    asked = ask(town, name="Huis")
    for actor, error in ((shelter("S1"), NotAllowed), (shelter("S2"), NotFound), (COORDINATOR, NotFound)):
        for granted in (True, False):
            with pytest.raises(error):
                answer(town, asked, granted=granted, actor=actor)


def test_address_needs_the_same_text_from_a_second_person(town):
    add_accounts(town, DESK, OTHER_DESK)
    asked = town.do(change_requests.ask_for_address, "L1", "Nieuwstraat 5,  1234 AB Alkmaar")
    with pytest.raises(Conflict, match="second_person_needed"):
        answer(town, asked, address="Nieuwstraat 5, 1234 AB Alkmaar")
    with pytest.raises(Invalid):
        answer(town, asked, actor=OTHER_DESK, address="Nieuwstraat 6, 1234 AB Alkmaar")
    assert town.one("location", "L1").address == "Geheimstraat 1"
    answer(town, asked, actor=OTHER_DESK, address="nieuwstraat 5 1234AB alkmaar")
    assert town.one("location", "L1").address == "Nieuwstraat 5, 1234 AB Alkmaar"


def test_address_asked_by_an_account_disabled_since_is_not_set(town):
    add_accounts(town, DESK, OTHER_DESK)
    asked = town.do(change_requests.ask_for_address, "L1", "Nieuwstraat 5")
    disable(town, DESK)
    with pytest.raises(Conflict) as refused:
        answer(town, asked, actor=OTHER_DESK, address="Nieuwstraat 5")
    assert refused.value.code == "asker_may_not"
    answer(town, asked, granted=False, actor=OTHER_DESK)
    assert town.one("location", "L1").address == "Geheimstraat 1"


def test_address_of_an_operator_is_granted_by_the_desk(town):
    with town.act() as act:
        operator = by_command(act.session, act.settings).actor
    asked = town.do(change_requests.ask_for_address, "L1", "Nieuwstraat 5", actor=operator)
    answer(town, asked, address="Nieuwstraat 5")
    assert town.one("location", "L1").address == "Nieuwstraat 5"


def test_address_is_in_no_list_and_not_for_the_shelter(town):
    town.do(change_requests.ask_for_address, "L1", "Nieuwstraat 5")
    assert len(town.do(requests.listed, KINDS)) == 1
    assert not KINDS[SecondPersonKind.ADDRESS].is_shown
    assert town.do(requests.listed, KINDS, actor=shelter("S1")) == []


def test_change_is_mailed_to_the_desk_and_its_answer_back(town):
    staff = Actor("A-staff", Role.SHELTER_STAFF, shelter_id="S1", session_id="Z")
    add_accounts(town, OTHER_DESK, staff)
    answer(town, ask(town, actor=staff, name="Huis"))
    told = {(mail.kind, mail.account_id) for mail in sent(town)}
    assert told == {(MessageKind.CHANGE_ASKED, OTHER_DESK.id), (MessageKind.CHANGE_ANSWERED, staff.id)}


def test_changed_rooms_are_told_to_the_shelters_webhook_once(town):
    made = {
        house: town.do(webhooks.make, "https://x.example/in", [MessageKind.ROOMS_CHANGED], actor=shelter(house))[1].id
        for house in ("S1", "S2")
    }
    with town.act() as act:
        room = register.make_room(act, "U1-women", "Nieuw", 1)
        register.change_room(act, room.id, room.version, {"beds": 2})
    assert [(one.webhook_id, one.facts) for one in sent(town)] == [(made["S1"], {"shelter": "S1"})]
