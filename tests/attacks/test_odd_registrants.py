"""Odd accounts of registrants: what the anomaly rules find of attackers, and the same through the front door."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest
from litestar.testing import transport
from sqlmodel import select

from fixtures.credentials import REGISTRANTS, UNIT
from placement.audit import anomaly_review
from placement.audit.anomaly_rules import ANOMALY_RULES
from placement.audit.events import Event
from placement.core.codes import Protocol, Role
from placement.core.context import SYSTEM, Act
from placement.core.geography import places
from placement.core.settings import Settings
from placement.tables import Anomaly
from tests.support import registrant_behaviour as behaviour
from tests.support.accounts import account_row
from tests.support.api.bodies import BODIES
from tests.support.api.service import API
from tests.support.audit_log import logged
from tests.support.registrant_behaviour import CHARACTERS, FIGURES, LIMITS, OWN_RULES, TRAINING, Office
from tests.support.registrants import NUMBER
from tests.support.stores import one_store

AT_MOST = {"odd_sent_a_day": 6, "odd_dangers_a_day": 4, "odd_looks_an_hour": 8}
"""The limits of the small run: a tenth of the acts is enough."""
PLACE_IN = {place.region: place.in_full for place in reversed([*places().values()])}
FIGURES_OF_A_DAY = ("sent_in_a_day", "danger_regions_in_a_day")


def test_each_rule_finds_accounts_that_no_other_finds():
    found = behaviour.found_of(FIGURES[:1], Settings(), 6)
    assert behaviour.part(found) > 0.9
    assert all(behaviour.part(found, rule) < behaviour.part(found) for rule in OWN_RULES)


@pytest.mark.long
def test_limits_come_from_the_months_of_training():
    settings = Settings()
    assert behaviour.limits(settings) == {rule: getattr(settings, name) for rule, name in LIMITS.items()}
    assert not {*TRAINING} & {*FIGURES}


@pytest.mark.long
def test_odd_accounts_are_found_with_few_false_alarms():
    found, alarms = behaviour.found_of(FIGURES, Settings()), behaviour.false_alarms(Settings())
    assert behaviour.part(found) >= 0.95
    assert sum(alarms.values()) <= 1
    page = behaviour.PAGE.read_text()
    assert page == behaviour.with_figures(page, Settings()), "run: python -m tests.support.registrant_behaviour"


class FromNetwork(transport.TestClientTransport):
    """Requests that come from an address of the test's choice."""

    address = "testclient"

    def parse_request(self, request):
        return super().parse_request(request) | {"client": (self.address, 50000)}


@pytest.fixture
def door(service):
    """The service, whose organisation of registrants has six accounts."""
    with service.database.transaction() as session:
        session.add_all(account_row(f"A-colluder-{n}", Role.REGISTRANT, organisation_id=REGISTRANTS) for n in range(5))
    known = service.client._transport
    service.client._transport = FromNetwork(known.client, known.raise_server_exceptions, known.root_path)
    return service


@one_store
@pytest.mark.wide
def test_attackers_at_the_front_door_leave_what_was_simulated(door):
    """Each attacker sends, looks and is called back through the API; log and findings are those of the simulation."""
    rng, expected, since = Random(7), [], len(logged(door))
    accounts = ("A-registrant", *(f"A-colluder-{n}" for n in range(5)))
    one = Office(REGISTRANTS, UNIT, accounts, 0, 5, behaviour.START + timedelta(days=behaviour.DAYS))
    key = door.verified(accounts[0]).made("/keys", {"shelter": None, "scopes": ["registration:send"], "days": 9})["key"]
    for day, character in enumerate(CHARACTERS):
        at = door.moment.at + timedelta(days=2 * day + 2)
        deeds = sorted(character(rng, one, at), key=lambda deed: deed.at)[:30]
        if character is behaviour.stolen_key:
            deeds += [behaviour._by_key(one, deed.at) for deed in deeds]
        expected += deeds
    for deed in sorted(expected, key=lambda deed: deed.at):
        carry_out(door, key, deed)
    simulated = [*behaviour.logged(expected, {REGISTRANTS: UNIT})]
    assert figures_of(logged(door, since)) == figures_of(simulated)
    settings = Settings().model_copy(update=AT_MOST)
    with door.database.transaction() as session:
        anomaly_review.find_anomalies(Act(session, SYSTEM, door.moment.at, settings))
        rows = [row for row in session.exec(select(Anomaly)) if row.rule in OWN_RULES]
    rules = [rule for rule in ANOMALY_RULES if rule.code in OWN_RULES]
    told = {(rule, account, day) for rule, account, day, _ in behaviour.findings(simulated, settings, rules)}
    denied = sum(rule == "sender_unknown" for rule, *_ in told)
    assert {(row.rule, row.actor, f"{row.at:%F}") for row in rows if row.rule != "sender_unknown"} == {
        one for one in told if one[0] != "sender_unknown"
    }
    assert sum(row.rule == "sender_unknown" for row in rows) == denied > 0
    assert {rule for rule, *_ in told} == {*OWN_RULES}


def carry_out(door, key, deed):
    """Carries out an act at its moment, from its network, by session or key."""
    door.moment.at = deed.at
    door.client._transport.address = deed.address
    if deed.event is Event.REGISTRANT_RUNG:
        sent = logged(door, event=Event.REGISTRATION_RECEIVED, actor=deed.account)[-1].registration_id
        row = next(one for one in door.desk.get("/received").json()["items"] if one["registration"] == sent)
        door.desk.made(f"/received/{row['id']}/call", {"number": NUMBER, "knows": False})
        return
    if deed.protocol is Protocol.API_KEY:
        token = door.client.post(f"{API}/token", json={"key": key}).json()["token"]
        send = {"headers": {"Authorization": f"Bearer {token}"}}
    else:
        caller = replace(door.registrant, account=deed.account, _let_in={}, _since=None)
        send = {"headers": caller.authorization()}
    if deed.event is Event.SENT_LISTED:
        answer = door.client.get(f"{API}/sent-registrations", **send)
    else:
        threats = [{"place": PLACE_IN[region]} for region in sorted(deed.regions)]
        body = BODIES["SentRegistrationIn"] | {"threats": threats}
        answer = door.client.post(f"{API}/sent-registrations", json=body, **send)
    assert answer.is_success, answer.text


def figures_of(events):
    """Returns the figures that the log has of each sent registration."""
    return [
        (event.actor, *(event.facts[name] for name in FIGURES_OF_A_DAY))
        for event in events
        if event.event == Event.REGISTRATION_RECEIVED
    ]
