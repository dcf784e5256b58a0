"""A case changed by page while its shelter answers, on PostgreSQL: neither waits for the other's lock for ever."""

import threading
import time

import pytest
from sqlalchemy import text

from api.v1 import registrations
from placement.core.codes import HoldStatus
from placement.core.reason_codes import ChangeReason
from placement.placements import fact_changes
from tests.support.town import COORDINATOR, town_of

pytestmark = [pytest.mark.wide, pytest.mark.parametrize("stores", ["postgresql"], indirect=True)]


def waits_for_a_lock(town):
    with town.database.engine.connect() as connection:
        return connection.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one() > 0


def test_change_by_page_and_the_answer_of_the_shelter_both_count(stores, monkeypatch):
    town = town_of(stores)
    case = town.register(actor=COORDINATOR)
    hold = town.hold_in(case)
    answers = []
    answering = threading.Thread(target=lambda: answers.append(town.confirm(hold)))
    go_on = fact_changes.lock_shelter_of_unit

    def begin_answering(session, *units):
        answering.start()
        while answering.is_alive() and not waits_for_a_lock(town):
            time.sleep(0.01)
        go_on(session, *units)

    monkeypatch.setattr(fact_changes, "lock_shelter_of_unit", begin_answering)
    with town.act(COORDINATOR) as act:
        before = registrations.as_it_is(act, case, "nl")
        why = {"reason": ChangeReason.CORRECTION}
        fact_changes.change(act, case, before.version, {"alias": "Merel"}, **why)
    answering.join()
    assert len(answers) == 1
    assert town.one("hold", hold).status is HoldStatus.CONFIRMED
    assert town.registration(case).alias == "Merel"
