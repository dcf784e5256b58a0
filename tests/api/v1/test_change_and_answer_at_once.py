"""A case changed by page while its shelter answers, on PostgreSQL: neither waits for the other's lock for ever."""

import pytest

from api.v1 import registrations
from placement.core.codes import HoldStatus
from placement.core.reason_codes import ChangeReason
from placement.placements.stays import fact_changes
from tests.support.simultaneous_acts import beside
from tests.support.town import COORDINATOR, town_of

pytestmark = [pytest.mark.wide, pytest.mark.parametrize("stores", ["postgresql"], indirect=True)]


def test_change_by_page_and_the_answer_of_the_shelter_both_count(stores, monkeypatch):
    town = town_of(stores)
    case = town.register(actor=COORDINATOR)
    hold = town.hold_in(case)
    answers, threads = [], []
    go_on = fact_changes.lock_shelter_of_unit

    def begin_answering(session, *units):
        threads.append(beside(town, lambda: answers.append(town.confirm(hold))))
        go_on(session, *units)

    monkeypatch.setattr(fact_changes, "lock_shelter_of_unit", begin_answering)
    with town.act(COORDINATOR) as act:
        before = registrations.as_it_is(act, case, "nl")
        why = {"reason": ChangeReason.CORRECTION}
        fact_changes.change(act, case, before.version, {"alias": "Merel"}, **why)
    threads[0].join()
    assert len(answers) == 1
    assert town.one("hold", hold).status is HoldStatus.CONFIRMED
    assert town.registration(case).alias == "Merel"
