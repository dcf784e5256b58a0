"""Campaigns for addresses: hundreds are simulated with the figures and rules of the service, and six run over HTTP."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from placement.audit.events import Event
from placement.core.codes import Role
from placement.core.context import SYSTEM, Act
from placement.notifications import task_notices
from placement.oddness.rules import ODD_RULES
from placement.tables import SecondPersonRequest
from tests.support import address_campaigns as campaigns
from tests.support.address_campaigns import FIGURES, TRAINING, result, without
from tests.support.api.resources import CONFIRM, confirmed_hold
from tests.support.api.service import somebody
from tests.support.audit_log import logged
from tests.support.messages import deliveries_in
from tests.support.stores import one_store

ADDRESS = "Kanariestraat 7"


def got(rules):
    """Returns how many campaigns are not stopped, and how many addresses they get before and after the alarm."""
    results = [result(seed, rules) for seed in FIGURES]
    return sum(one.before > 1 for one in results), sum(one.before for one in results), sum(one.after for one in results)


def test_campaigns_are_stopped_before_the_second_address():
    assert campaigns.part(FIGURES) >= 0.95
    assert not {*TRAINING} & {*FIGURES}


def test_each_rule_switched_off_gives_attackers_more():
    together = got(ODD_RULES)
    for rule in ODD_RULES:
        alone = got(without(rule.code))
        assert all(one >= other for one, other in zip(alone, together, strict=True)), rule.code
        assert alone != together, rule.code


@pytest.mark.long
def test_limits_come_from_the_seeds_of_training():
    assert campaigns.chosen() == {rule.code: rule.most for rule in ODD_RULES if rule.code in campaigns.CHOICES[0]}


@pytest.mark.long
def test_honest_people_are_held_back_after_few_addresses():
    assert campaigns.alarms_a_week(campaigns.HONEST_FIGURES) <= campaigns.MOST_ALARMS
    page = campaigns.PAGE.read_text()
    assert page == campaigns.with_table(page), "run: python -m tests.support.address_campaigns"


class Attack:
    """An attacker at the front door, with the acts of which the campaigns consist."""

    def __init__(self, service):
        self.service, self.first = service, confirmed_hold(service, ADDRESS)
        self.me = service.coordinator
        service.shelter.made("/shelters/S01/capacity/confirm")

    def hold(self, registrar=None):
        """Registers an invented client, for whom desk and shelter agree to a place; returns the hold."""
        who = registrar or self.me
        client = who.made("/registrations", somebody(needs=["pregnancy"]))["id"]
        proposal = who.made(f"/registrations/{client}/proposals")["id"]
        decision = who.made(f"/proposals/{proposal}/decision", {"decision": "accept"})["id"]
        hold = self.service.desk.made(f"/decisions/{decision}/confirmation", {"granted": True})["hold"]
        tonight = (self.service.moment.at + timedelta(hours=6)).isoformat()
        self.service.staff.made(f"/holds/{hold}/answer", {**CONFIRM, "expected_at": tonight})
        return hold

    def ask(self, hold, who=None):
        """Asks for an address right after the second factor."""
        return self.service.verified((who or self.me).account).made(f"/holds/{hold}/address")

    def later(self, **time):
        self.service.moment.pass_by(**time)
        self.service.shelter.made("/shelters/S01/capacity/confirm")

    def release(self, hold):
        self.service.desk.made(f"/holds/{hold}/release", {"reason": "unreachable"})


def bait(attack):
    yield attack.ask(attack.first)
    attack.later(hours=2)
    yield attack.ask(attack.hold())


def slow_bait(attack):
    yield attack.ask(attack.first)
    attack.release(attack.first)
    attack.later(days=20)
    yield attack.ask(attack.hold())


def colluders(attack):
    other = attack.service.person(Role.COORDINATOR, "amsterdam")
    yield attack.ask(attack.first, other)
    attack.release(attack.first)
    attack.later(hours=30)
    yield attack.ask(attack.hold(other))


def stolen_key(attack):
    for _ in range(5):
        assert attack.me.software.post(f"/holds/{attack.first}/address").status_code == 403
    yield attack.ask(attack.first)


def insider(attack):
    attack.service.shelter.made(f"/holds/{attack.first}/arrival")
    attack.later(days=2)
    yield attack.ask(attack.first)
    second = attack.hold()
    attack.service.shelter.made(f"/holds/{second}/arrival")
    attack.later(days=2)
    yield attack.ask(second)


def database_admin(attack):
    """Writes the call-back's answer into the database."""
    attack.ask(attack.first)
    attack.later(hours=2)
    hold = attack.hold()
    yield attack.ask(hold)
    table = SecondPersonRequest.__table__
    written = {"status": "granted", "settled_at": attack.service.moment.at, "settled_by": attack.service.second.account}
    with attack.service.database.engine.begin() as connection:
        connection.execute(update(table).where(table.c.kind == "disclosure").values(**written))
    yield attack.ask(hold)


@one_store
@pytest.mark.wide
@pytest.mark.parametrize(
    "campaign", [bait, slow_bait, colluders, stolen_key, insider, database_admin], ids=lambda one: one.__name__
)
def test_campaign_over_http_ends_in_a_call_back(service, campaign):
    answers = list(campaign(Attack(service)))
    assert answers[-1]["address"] is None
    assert sum(one["address"] is not None for one in answers) < 2
    assert answers[-1]["ring"]
    asked = answers[-1]["call_back"]
    assert asked in [one["id"] for one in service.desk.get("/second-person-requests").json()["items"]]
    assert asked in [one["id"] for one in service.auditor.get("/second-person-requests").json()["items"]]
    held = logged(service, event=Event.ADDRESS_HELD_BACK)[-1]
    with service.database.transaction() as session:
        task_notices.tell_of_tasks(Act(session, SYSTEM, service.moment.at, service.country.settings))
        mails = [one for one in deliveries_in(session, "task.due") if one.account_id == service.auditor.account]
    assert [one for one in mails if one.made_at - held.at < timedelta(minutes=1)]
