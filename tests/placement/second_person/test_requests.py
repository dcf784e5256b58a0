"""Each kind of request for a second person lives the same life: asked, then granted, refused, withdrawn or lapsed."""

from dataclasses import replace
from datetime import timedelta

import pytest

import api.v1.routes  # noqa: F401 - declares what a key can ask for
from placement.access.permissions import Permission
from placement.accounts import account_changes
from placement.core.errors import Conflict, NotAllowed, NotFound
from placement.core.second_person_codes import SecondPersonKind, SecondPersonStatus
from placement.retention.legal_hold import ANSWERED_WITHIN
from placement.second_person import requests
from placement.shelters import register
from placement.storage import outage
from placement.tables import Account, ApiKey, SecondPersonRequest
from placement.tasks.listing import open_tasks
from placement.tasks.second_person_kinds import KINDS
from placement.tasks.task import TaskKind
from tests.support import second_person
from tests.support.accounts import add_accounts, disable
from tests.support.counts import ANALYST, OTHER_ANALYST
from tests.support.second_person_cases import AFTER_NO, AUDITOR, CASES, OTHER_ADMIN, SOFTWARE, fresh, hold, rule
from tests.support.stores import one_store
from tests.support.town import ADMIN, COORDINATOR, DESK, ELSEWHERE, OTHER_DESK, shelter


@pytest.fixture
def staffed(town):
    add_accounts(town, DESK, OTHER_DESK, ADMIN, OTHER_ADMIN, ANALYST, OTHER_ANALYST)
    term = {"created_at": town.at, "expires_at": town.at + timedelta(days=90)}
    with town.database.transaction() as session:
        session.add(ApiKey(id="K-1", fingerprint="-", shelter_id="S1", scopes=["register"], **term))
    return town


def answer(town, case, request, verb=second_person.grant, actor=None):
    given = (case.address, None, case.number) if verb is second_person.grant else ()
    return town.do(verb, request.id, *given, actor=fresh(town, actor or case.second))


def status_of(town, request):
    return town.do(lambda act: act.session.get(SecondPersonRequest, request.id).status)


def refused(town, case, request, verb=second_person.grant, actor=None):
    with pytest.raises((Conflict, NotAllowed, NotFound)) as error:
        answer(town, case, request, verb, actor)
    return error.value.code


def test_each_kind_has_its_row_and_its_case():
    assert set(KINDS) == set(CASES) == set(SecondPersonKind)
    assert [code for code, kind in KINDS.items() if kind.code is not code] == []


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_request_is_granted_once_by_a_second_person(staffed, case):
    asked = case.ask(staffed)
    assert (asked.kind, status_of(staffed, asked)) == (case.kind, SecondPersonStatus.ASKED)
    assert case.done(staffed, asked) == case.before
    answer(staffed, case, asked)
    assert case.done(staffed, asked) == case.after
    for verb in (second_person.grant, second_person.refuse):
        assert refused(staffed, case, asked, verb) == "asking_settled"
    if KINDS[case.kind].operator_within is None:
        assert refused(staffed, case, asked, second_person.withdraw, case.first) == "asking_settled"


@one_store
@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_request_is_a_task_of_its_second_person_alone(staffed, case):
    asked = case.ask(staffed)

    def tasks(actor):
        found = [one.task for one in staffed.do(open_tasks, actor=actor)]
        of_decisions = [one.decision.id for one in found if one.kind is TaskKind.DECISION]
        return of_decisions, [one.about for one in found if one.kind is TaskKind.SECOND_PERSON]

    if case.kind is SecondPersonKind.DECISION:  # a task of the desk already
        assert tasks(case.second) == ([asked.about], [])
        return
    assert asked.id in tasks(case.second)[1]
    assert asked.id not in tasks(case.first)[1]
    answer(staffed, case, asked)
    assert asked.id not in tasks(case.second)[1]


@one_store
@pytest.mark.parametrize("verb", [second_person.grant, second_person.refuse])
@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_asker_answers_no_request(staffed, case, verb):
    asked = case.ask(staffed)
    same = replace(case.second, id=case.first.key_id or case.first.id)
    assert refused(staffed, case, asked, verb, actor=same) == "second_person_needed"
    assert case.done(staffed, asked) == case.before


@one_store
@pytest.mark.parametrize("verb", [second_person.grant, second_person.refuse])
@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_other_roles_answer_nothing(staffed, case, verb):
    asked = case.ask(staffed)
    for actor in (DESK, ADMIN, COORDINATOR, AUDITOR, shelter("S1"), shelter("S2")):
        if not KINDS[case.kind].grant.is_of(actor):
            assert refused(staffed, case, asked, verb, actor=actor) in {"role_may_not", "not_found"}
        if not KINDS[case.kind].ask.is_of(actor):
            assert refused(staffed, case, asked, second_person.withdraw, actor) in {"role_may_not", "not_found"}
    assert status_of(staffed, asked) is SecondPersonStatus.ASKED


@one_store
@pytest.mark.parametrize(
    ("verb", "status"),
    [(second_person.refuse, SecondPersonStatus.REFUSED), (second_person.withdraw, SecondPersonStatus.WITHDRAWN)],
)
@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_request_that_ended_is_not_granted(staffed, case, verb, status):
    asked = case.ask(staffed)
    answer(staffed, case, asked, verb, actor=case.first if verb is second_person.withdraw else None)
    assert status_of(staffed, asked) is status
    assert case.done(staffed, asked) == AFTER_NO.get(case.kind, {}).get(status, case.before)
    assert refused(staffed, case, asked) == "asking_settled"
    assert refused(staffed, case, asked, second_person.withdraw, case.first) == "asking_settled"


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_request_lapses_after_its_term(staffed, case):
    asked = case.ask(staffed)
    if asked.expires_at is None:
        staffed.later(days=400)
        assert staffed.do(second_person.lapse) == 0
        return
    staffed.later(seconds=(asked.expires_at - staffed.at).total_seconds() - 1)
    assert staffed.do(second_person.lapse) == 0
    staffed.later(seconds=1)
    for verb in (second_person.grant, second_person.refuse):  # whether or not the job has run
        assert refused(staffed, case, asked, verb) == "asking_settled"
    if not case.kind.outlasts_outage:
        assert refused(staffed, case, asked, second_person.withdraw, case.first) == "asking_settled"
    assert [staffed.do(second_person.lapse) for _ in range(2)] == [1, 0]
    assert status_of(staffed, asked) is SecondPersonStatus.LAPSED
    assert case.done(staffed, asked) == AFTER_NO.get(case.kind, {}).get(SecondPersonStatus.LAPSED, case.before)


@one_store
@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_request_of_an_account_disabled_since_is_refused(staffed, case):
    asked = case.ask(staffed)
    if case.first not in {DESK, ADMIN}:
        return
    disable(staffed, case.first)
    if KINDS[case.kind].judged_alone:
        answer(staffed, case, asked)
        return
    assert refused(staffed, case, asked) == "asker_may_not"
    answer(staffed, case, asked, second_person.refuse)


@one_store
def test_request_about_a_changed_thing_is_not_granted(staffed):
    asked = CASES[SecondPersonKind.UNIT].ask(staffed)
    staffed.do(register.change_unit, "U1-women", 1, {"name": "Anders"})
    assert refused(staffed, CASES[SecondPersonKind.UNIT], asked) == "change_outdated"
    assert status_of(staffed, asked) is SecondPersonStatus.ASKED
    invitation = CASES[SecondPersonKind.ACCOUNT].ask(staffed)
    with staffed.database.transaction() as session:
        session.get_one(Account, OTHER_ADMIN.id).let_in_by = [ADMIN.id]
    assert refused(staffed, CASES[SecondPersonKind.ACCOUNT], invitation) == "second_admin_let_in"


@pytest.mark.wide
@one_store
def test_request_of_keys_and_leaving_needs_the_second_factor(staffed):
    erased = CASES[SecondPersonKind.ERASURE].ask(staffed)
    with pytest.raises(NotAllowed, match="second_factor_needed"):
        staffed.do(second_person.grant, erased.id, actor=OTHER_DESK)
    for kind in (SecondPersonKind.KEYS, SecondPersonKind.LEAVE):
        asked = CASES[kind].ask(staffed)
        with pytest.raises(NotAllowed, match="second_factor_needed"):
            staffed.do(second_person.grant, asked.id, actor=CASES[kind].second)
        answer(staffed, CASES[kind], asked)
        answer(staffed, CASES[kind], asked, second_person.withdraw)  # until the operator has begun it
        assert status_of(staffed, asked) is SecondPersonStatus.WITHDRAWN
        begun = CASES[kind].ask(staffed)
        answer(staffed, CASES[kind], begun)
        with staffed.database.transaction() as session:
            session.get_one(SecondPersonRequest, begun.id).begun_at = staffed.at
        assert refused(staffed, CASES[kind], begun, second_person.withdraw) == "asking_settled"


@pytest.mark.wide
@one_store
def test_request_of_its_asker_alone_is_withdrawn_by_no_other(staffed):
    for case in CASES.values():
        asked = case.ask(staffed)
        if KINDS[case.kind].of_asker:
            assert refused(staffed, case, asked, second_person.withdraw, case.second) == "asker_needed"
        else:
            answer(staffed, case, asked, second_person.withdraw)


@pytest.mark.wide
@one_store
def test_list_has_the_requests_that_concern_its_reader(staffed):
    asked = {kind: case.ask(staffed).id for kind, case in CASES.items() if kind is not SecondPersonKind.LEGAL_HOLD}

    def seen(actor):
        found = {one.id for one in staffed.do(requests.listed, KINDS, actor=actor)}
        return {kind for kind, request_id in asked.items() if request_id in found}

    of_admins, of_doubt = {SecondPersonKind.ACCOUNT, SecondPersonKind.KEYS}, {SecondPersonKind.RELEASE}
    assert seen(ADMIN) == of_admins | of_doubt
    assert seen(DESK) == set(asked) - of_admins - {SecondPersonKind.COUNTS}
    assert seen(ANALYST) == {SecondPersonKind.COUNTS}
    assert seen(AUDITOR) == {SecondPersonKind.RULE, SecondPersonKind.LEAVE, SecondPersonKind.DISCLOSURE} | of_doubt
    assert seen(shelter("S1")) == {SecondPersonKind.UNIT, SecondPersonKind.REGISTER}
    assert seen(SOFTWARE) == {SecondPersonKind.REGISTER}
    others = [replace(SOFTWARE, key_id="K-2", scopes=frozenset({scope})) for scope in ("register", "read")]
    assert [seen(other) for other in others] == [set(), {SecondPersonKind.UNIT}]
    key_of_coordinator = replace(COORDINATOR, session_id=None, key_id="K-3", scopes=frozenset({"read"}))
    assert seen(COORDINATOR) == seen(key_of_coordinator) == {SecondPersonKind.DECISION}
    assert seen(shelter("S2")) == seen(ELSEWHERE) == set()
    of_others = [(shelter("S2"), SecondPersonKind.UNIT), (COORDINATOR, SecondPersonKind.UNIT)]
    for actor, kind in (*of_others, (ELSEWHERE, SecondPersonKind.DECISION)):
        with pytest.raises(NotFound):
            staffed.do(requests.read, KINDS, asked[kind], actor=actor)


@one_store
def test_legal_hold_alone_outlasts_an_outage(staffed):
    held, of_rule = hold(staffed), rule(staffed)
    begun = staffed.at
    staffed.later(days=ANSWERED_WITHIN.days)
    with staffed.act() as act:
        outage.record(act.session, begun + timedelta(days=3), staffed.at)
    assert refused(staffed, CASES[SecondPersonKind.RULE], of_rule) == "asking_settled"
    assert held.id in staffed.do(second_person.waiting)
    staffed.later(days=4 + 1)
    assert held.id not in staffed.do(second_person.waiting)


@one_store
def test_disabled_admin_leaves_no_request(staffed):
    asked = CASES[SecondPersonKind.ACCOUNT].ask(staffed)
    staffed.do(account_changes.disable, ADMIN.id, actor=OTHER_ADMIN)
    assert status_of(staffed, asked) is SecondPersonStatus.WITHDRAWN


def test_permissions_of_each_kind_lie_within_those_of_the_routes():
    for kind in KINDS.values():
        assert kind.grant.reach.keys() <= Permission.SECOND_PERSON_ANSWER.reach.keys()
        assert kind.ask.reach.keys() <= Permission.SECOND_PERSON_WITHDRAW.reach.keys()
        assert kind.grant.reach.keys() <= kind.read.reach.keys() <= Permission.SECOND_PERSON_READ.reach.keys()
        assert (kind.grant.person_only, kind.ask.person_only) == (True, True)
