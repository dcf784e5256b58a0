"""The schedule of retention: each kind is present just before its term, and gone at it."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import select

from placement.accounts import api_keys, invitations
from placement.audit import anomaly_review
from placement.audit.verification import verify
from placement.core.clock import day_of, start_of
from placement.core.codes import AvoidedKind, ReviewOutcome
from placement.core.errors import Conflict
from placement.crypto.pseudonyms import PSEUDONYMS
from placement.placements.proposals import proposals
from placement.registrations import registrations
from placement.registrations.case import AvoidedInput, PointInput, ThreatInput
from placement.retention import legal_hold
from placement.retention import overview as retention_overview
from placement.retention.job import BATCH, erase_due, erase_everything_due, is_late, status_of
from placement.retention.kinds import Fate
from placement.retention.schedule import SCHEDULE, kind_named
from placement.retention.schedule_of_cases import CONTENT_FOR, FROZEN_FOR, TEXTS_FOR
from placement.retention.schedule_text import in_words
from placement.storage import idempotency
from placement.storage.idempotency import Answer
from placement.tables import (
    Account,
    Anomaly,
    ApiKey,
    DataKey,
    Decision,
    FrozenProblem,
    Hold,
    IdempotentRequest,
    Invitation,
    KeepApart,
    KnownDevice,
    Passkey,
    Registration,
    SsoRequest,
    Stay,
)
from placement.tables.registration import key_of_facts
from placement.text.catalogue import SOURCE
from tests.support.accounts import PASSWORD, invited, person
from tests.support.audit_log import anomaly, logged
from tests.support.authenticator import passkey_row
from tests.support.second_person import rotation
from tests.support.stores import one_store
from tests.support.town import AT, DESK, key_store_of, shelter

SECRETS = {
    "alias": "Merel",
    "parts": {
        "threats": [ThreatInput(PointInput(place="Alkmaar"), 5)],
        "near": PointInput(place="Delft"),
        "avoided": [AvoidedInput(AvoidedKind.REGION, "limburg")],
    },
}


DAY_BEGAN = start_of(day_of(AT))
"""Since when what was made or closed at `AT` is kept: of cases the day alone is known."""


def erase(town):
    """Returns how much the job erases now, by kind."""
    gone = {}
    for kind, erased in erase_everything_due(town.database, town.act_now):
        gone[kind.name] = gone.get(kind.name, 0) + erased
    return gone


def at(town, since, term, name):
    """Erases just before the term is over, and then when it is; returns whether it went then and not before."""
    town.at = since + term - timedelta(seconds=1)
    before = erase(town).get(name, 0)
    town.at = since + term
    return before == 0 and erase(town).get(name, 0) == 1


def closed(town, **facts):
    client = town.register(**(facts or SECRETS))
    town.do(registrations.close, client, "withdraws_consent")
    return client


@pytest.mark.wide
def test_abandoned_draft_is_erased_whole(town):
    draft, opened = town.register(draft=True, **SECRETS), town.register()
    assert at(town, DAY_BEGAN, timedelta(days=30), "drafts")
    assert town.all(select(Registration.id)) == [opened]
    assert key_store_of(town).is_destroyed(draft)


@pytest.mark.wide
def test_closed_registration_loses_content_and_keeps_codes(town):
    other = town.register(alias="Spreeuw")
    client = closed(town, alias="Merel", parts={**SECRETS["parts"], "keep_apart": [other]})
    assert at(town, DAY_BEGAN, CONTENT_FOR, "registration_content")
    found = town.registration(client)
    assert (found.alias, found.alias_index, found.near, found.content_erased_at) == (None, None, None, town.at)
    assert (found.closed_reason, found.region) == ("withdraws_consent", "amsterdam")
    assert (found.threats, found.reach, found.avoidances, town.all(select(KeepApart))) == ([], [], [], [])
    assert [person.age for person in found.persons] == [30]
    assert key_store_of(town).is_destroyed(client)
    assert town.one("datakey", client).destroyed_at == town.at
    assert town.registration(other).alias == "Spreeuw"


@pytest.mark.wide
def test_registration_after_five_years_is_not_identifying(town):
    client = closed(town)
    assert at(town, DAY_BEGAN, timedelta(days=5 * 365), "registration_facts")
    found = town.registration(client)
    assert (found.languages, found.needs, found.room_needs, found.high_care) == ([], [], [], False)
    assert (found.persons, found.municipality) == ([], None)
    assert (found.registrant, found.waits_since) == ("NP", AT)
    assert all(key_store_of(town).is_destroyed(name) for name in (client, key_of_facts(client)))


def test_an_open_registration_is_kept_however_old(town):
    client = town.register(**SECRETS)
    town.later(days=4000)
    assert erase(town) == {}
    assert town.registration(client).alias == "Merel"


@pytest.mark.wide
def test_frozen_problem_is_replayed_until_its_last_day(town):
    client = town.register(**SECRETS)
    proposal = town.propose(client)
    town.decline(proposal, "unreachable", text="Kanarie")
    town.at = AT + FROZEN_FOR - timedelta(seconds=1)
    erase(town)
    kept = town.one("proposal", proposal)
    assert town.replay(proposal).solution.objective == proposals.advice_of(kept).solution.objective
    assert [row.text for row in town.all(select(Decision))] == ["Kanarie"]
    assert at(town, AT, FROZEN_FOR, "frozen_problems")
    gone = town.one("proposal", proposal)
    assert (gone.problem_id, gone.advice, gone.status) == (None, None, "declined")
    assert town.all(select(FrozenProblem)) == []
    assert town.all(select(Decision.text)) == [None]
    assert all(key_store_of(town).is_destroyed(one) for one in (proposal, kept.problem_id))
    for read, of in ((town.problem_of, proposal), (proposals.advice_of, gone), (town.replay, proposal)):
        with pytest.raises(Conflict) as refused:
            read(of)
        assert refused.value.code == "content_erased"
    assert town.registration(client).alias == "Merel"


def test_erased_client_is_in_no_readable_problem():
    """A client in it was open when it was made, and is closed later; see the top of `placement/retention/kinds.py`."""
    assert kind_named("frozen_problems").term == FROZEN_FOR <= CONTENT_FOR == kind_named("registration_content").term


def test_decision_about_a_client_is_replayed_for_six_months():
    """From each day of the year (AI Act): July to December has the most days."""
    assert timedelta(days=31 + 31 + 30 + 31 + 30 + 31) <= FROZEN_FOR


@pytest.mark.wide
def test_texts_of_holds_and_stays_go_before_the_registration(town):
    client = town.register(alias="Merel")
    town.refuse(town.hold_in(client, "U1-women"), "house_mix", "Kanarie")
    town.at = AT + TEXTS_FOR - timedelta(days=1)
    assert "hold_texts" not in erase(town)
    town.later(days=1)
    assert erase(town)["hold_texts"] == 1
    assert town.all(select(Hold.text)) == [None]
    town.at = AT
    town.end(town.house(client), "other", "Kanarie")
    town.at = AT + TEXTS_FOR - timedelta(days=1)
    assert "stay_texts" not in erase(town)
    town.later(days=1)
    assert erase(town)["stay_texts"] == 1
    assert town.all(select(Stay.end_text)) == [None]
    assert town.registration(client).alias == "Merel"


@pytest.mark.wide
def test_answers_go_and_the_key_of_their_day_after_them(town):
    attempt = idempotency.claim(town.database, "A", "k", "f", AT)
    with town.database.transaction() as session:
        idempotency.finish(session, attempt, Answer(200, {}, '"Kanarie"'))
    assert at(town, AT, timedelta(days=2), "answers")
    [key] = town.all(select(DataKey).where(DataKey.owner != PSEUDONYMS))
    assert key.owner == "answers-2026-11-24"
    assert not key_store_of(town).is_destroyed(key.owner)
    assert at(town, key.made_at, timedelta(days=3), "answer_keys")
    assert key_store_of(town).is_destroyed(key.owner)
    assert town.all(select(IdempotentRequest)) == []


@pytest.mark.wide
def test_keys_and_tokens_that_open_nothing_go(town):
    with town.database.transaction() as session:
        token = api_keys.issue_token(session, AT, town.settings, api_keys.new_key(session, AT, shelter_id="S1"))
    assert token
    assert at(town, start_of(day_of(AT)), timedelta(days=1), "access_tokens")
    [expires] = town.all(select(ApiKey.expires_at))
    assert at(town, expires, timedelta(days=90), "api_keys")
    assert town.all(select(ApiKey)) == []


def test_erasure_batch_is_a_transaction_with_anonymous_event(town):
    with town.database.transaction() as session:
        idempotency_rows = [
            IdempotentRequest(key=str(number), fingerprint="f", attempt=f"a{number}", started_at=AT)
            for number in range(2 * BATCH + 1)
        ]
        session.add_all(idempotency_rows)
    town.later(days=2)
    since = len(town.events())
    sizes = [erased for _, erased in erase_everything_due(town.database, town.act_now)]
    assert sizes == [BATCH, BATCH, 1]
    told = logged(town)[since:]
    assert len(told) == 3
    assert all((line.actor, line.registration_id, line.object_id) == ("system", None, None) for line in told)
    assert all(line.facts["kind"] == "answers" for line in told)


def test_failed_erasure_batch_is_rolled_back(town, monkeypatch):
    client = closed(town)
    town.later(days=CONTENT_FOR.days)

    def fails(*_):
        raise OSError

    monkeypatch.setattr("placement.crypto.key_store.KeyStore.destroy", fails)
    since = len(town.events())
    with pytest.raises(OSError), town.act() as act:  # noqa: PT011  (as the disk says it)
        erase_due(act, kind_named("registration_content"))
    assert town.events(since) == []
    assert town.registration(client).alias == "Merel"
    monkeypatch.undo()
    assert erase(town)["registration_content"] == 1


@pytest.mark.wide
def test_restored_backup_without_its_key_is_erased_again(town):
    client = closed(town)
    with town.database.engine.connect() as connection:
        before = connection.execute(text("SELECT alias, alias_index, content, seal FROM registration")).one()
    town.later(days=CONTENT_FOR.days)
    erase(town)
    with town.database.engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE registration SET alias = :alias, alias_index = :alias_index, content = :content, seal = :seal,"
                " content_erased_at = NULL"
            ),
            dict(before._mapping),
        )
        connection.execute(text("UPDATE datakey SET destroyed_at = NULL"))
    with pytest.raises(Conflict, match="content_erased"):
        str(town.registration(client).alias)
    assert erase(town) == {"registration_content": 1}
    assert town.registration(client).alias is None


@one_store
def test_retention_overview_counts_present_due_and_held_rows(town):
    def now(name="registration_content"):
        with town.database.transaction() as session:
            return status_of(session, kind_named(name), town.at)

    assert (now().count, now().oldest, now().next_due) == (0, None, None)
    first, _ = closed(town), closed(town)
    assert (now().count, now().oldest, now().due, now().next_due) == (2, DAY_BEGAN, 0, DAY_BEGAN + CONTENT_FOR)
    town.later(days=CONTENT_FOR.days - 3)
    town.do(legal_hold.ask, first, "complaint", town.at.date() + timedelta(days=30), actor=DESK)
    town.later(days=3)
    assert (now().due, now().barred, is_late(now(), town.at)) == (1, 1, False)
    town.later(days=1, seconds=1)
    assert is_late(now(), town.at)
    assert now("audit_lines").count == len(town.events())


@pytest.mark.wide
@one_store
def test_erasure_report_names_erased_kinds_and_legal_holds(town):
    def now(name="registration_content"):
        with town.act(DESK) as act:
            return next(one for one in retention_overview.report(act) if one.status.kind.name == name)

    first, _ = closed(town), closed(town)
    town.later(days=CONTENT_FOR.days - 3)
    town.do(legal_hold.ask, first, "complaint", town.at.date() + timedelta(days=30), actor=DESK)
    town.later(days=3)
    erase(town)
    assert (now().erased, now().last_erased_at, now().status.barred, now().late) == (1, town.at, 1, False)
    with town.act(DESK) as act:
        rows, total = retention_overview.legal_holds(act, 10, 0)
    assert ([row.registration_id for row in rows], total) == ([first], 1)
    town.later(days=retention_overview.LOOKED_BACK.days + 1)
    assert now().erased == 0
    with town.act(DESK) as act:
        assert retention_overview.legal_holds(act, 10, 0) == ([], 0)  # asked for, and never granted: it lapsed


@one_store
def test_every_kind_has_a_ground_and_the_job_knows_all_due(town):
    from placement.jobs.periodic import JOBS  # noqa: PLC0415

    jobs = {job.name for job in JOBS}
    for kind in SCHEDULE:
        assert all(in_words(kind, SOURCE))
        assert (kind.erase is None) == (kind.fate is Fate.KEPT)
        assert (f"erase_{kind.name}" in jobs) == (kind.erase is not None)
        assert kind.term is not None or kind.fate is Fate.KEPT
    with town.act(shelter("S1")) as act:
        assert [erase_due(act, kind) for kind in SCHEDULE] == [0] * len(SCHEDULE)


def ticked(town, note):
    """Something odd in the log, ticked off now."""
    with town.database.transaction() as session:
        found = anomaly(session, "X-1", town.at)
    town.do(anomaly_review.acknowledge, found.id, ReviewOutcome.INCIDENT, note)
    return found.id


def test_anomaly_is_erased_five_years_after_acknowledgement(town):
    odd = ticked(town, "Kanarie")
    assert [row.note for row in town.all(select(Anomaly))] == ["Kanarie"]
    assert at(town, AT, timedelta(days=5 * 365), "oddities")
    assert town.all(select(Anomaly)) == []
    assert key_store_of(town).is_destroyed(odd)


@one_store
def test_anomaly_not_acknowledged_is_kept(town):
    with town.database.transaction() as session:
        anomaly(session, "X-1", AT)
    town.later(days=4000)
    assert "oddities" not in erase(town)


def test_invitation_is_erased_a_month_after_expiry(town):
    token = invited(town, AT)
    with town.database.transaction() as session:
        invitations.choose_password(session, AT, token, PASSWORD)
    assert at(town, AT + town.settings.invitation_lifetime, timedelta(days=30), "invitations")
    assert town.all(select(Invitation)) == []


@pytest.mark.wide
def test_passkeys_go_a_month_after_the_account_is_disabled(town):
    gone, stays = (person(town, AT, f"{name}@placement.example").account for name in ("een", "twee"))
    with town.database.transaction() as session:
        session.add_all(passkey_row(account, AT) for account in (gone, stays))
        session.get_one(Account, gone).disabled_at = AT
    assert at(town, AT, timedelta(days=30), "passkeys")
    assert town.all(select(Passkey.account_id)) == [stays]


def test_request_for_new_keys_goes_a_year_after_its_end(town):
    with town.database.transaction() as session:
        session.add(rotation(AT, expires_at=AT))
    assert at(town, AT, timedelta(days=365), "key_rotations")


@pytest.mark.wide
@one_store
def test_known_browser_is_erased_per_account(town):
    first, second = (person(town, AT, f"{name}@placement.example") for name in ("een", "twee"))
    with town.database.transaction() as session:
        for account, days in ((first.account, 1), (second.account, 2)):
            session.add(KnownDevice(fingerprint="f", account_id=account, expires_on=day_of(AT) + timedelta(days=days)))
    assert at(town, start_of(day_of(AT)), timedelta(days=2), "known_devices")
    assert town.all(select(KnownDevice.account_id)) == [second.account]


@one_store
def test_expired_sso_request_is_erased(town):
    with town.database.transaction() as session:
        session.add(SsoRequest(fingerprint="f", nonce="n", verifier="v", expires_at=AT))
    assert at(town, AT, timedelta(0), "sso_requests")


def test_key_is_not_destroyed_if_its_event_cannot_be_stored(town, monkeypatch):
    client = closed(town)
    town.later(days=CONTENT_FOR.days)

    def fails(*_):
        raise RuntimeError

    with monkeypatch.context() as broken:
        broken.setattr("placement.storage.hash_chain.link_after", fails)
        broken.setattr("placement.storage.log_buffer.put", fails)
        with pytest.raises(RuntimeError):
            erase(town)
    assert town.registration(client).alias == "Merel"
    assert erase(town)["registration_content"] == 1
    assert verify(town.database, []).first_bad is None
