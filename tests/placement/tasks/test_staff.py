"""Staff at work: areas with open cases that are left without a coordinator, and admins who count as two."""

from placement.core.codes import OrganisationKind, Role
from placement.registrations import registrations
from placement.tables import Account, Invitation, Organisation
from placement.tasks.set_up import Missing, set_up
from placement.tasks.staff import are_two, staff
from tests.support.accounts import account_row, add_accounts
from tests.support.stores import one_store
from tests.support.town import ADMIN, COORDINATOR, DESK, ELSEWHERE


def alone(town, actor=DESK):
    return [one.id for one in town.do(set_up, actor=actor).left_alone]


def test_area_with_open_cases_is_named_without_coordinator(town):
    add_accounts(town, DESK, ELSEWHERE)
    case = town.register(region="amsterdam")
    assert alone(town) == ["amsterdam"]  # no coordinator of it yet, and one elsewhere
    add_accounts(town, COORDINATOR)
    assert alone(town) == []
    moves(town, regions=["limburg"])
    assert (alone(town), alone(town, COORDINATOR)) == (["amsterdam"], [])
    moves(town, regions=["amsterdam"])
    assert alone(town) == []
    moves(town, disabled_at=town.at)
    assert alone(town) == ["amsterdam"]
    town.do(registrations.close, case, "withdraws_consent")
    assert alone(town) == []


@one_store
def test_area_is_not_named_where_no_coordinator_ever_was(town):
    add_accounts(town, DESK)
    town.register(region="amsterdam")
    assert alone(town) == []


@one_store
def test_draft_leaves_no_area_without_coordinator(town):
    add_accounts(town, DESK, ELSEWHERE)
    town.register(region="amsterdam", draft=True)
    assert alone(town) == []


def moves(town, **facts):
    with town.act() as act:
        for name, value in facts.items():
            setattr(act.session.get_one(Account, COORDINATOR.id), name, value)


def test_admin_let_in_by_the_other_is_no_second_actor(town):
    with town.act() as act:
        act.session.add_all([account_row("A1", Role.ADMIN), account_row("A2", Role.ADMIN, let_in_by=["A1"])])
    assert lacks_a_second(town)
    with town.act() as act:
        act.session.add(account_row("A3", Role.ADMIN, let_in_by=["A2"]))
    assert not lacks_a_second(town)  # the first and the third


def test_invited_admin_counts_unless_the_only_one_asked(town):
    invited = {"role": Role.ADMIN, "fingerprint": "-", "invited_by": "-", "made_at": town.at, "email": "x@x.example"}
    with town.act() as act:
        act.session.add(Organisation(id="O", name="-", kind=OrganisationKind.COORDINATION_CENTRE))
        act.session.flush()
        until = town.at.replace(year=town.at.year + 1)
        again = {"account_id": "A1", "organisation_id": "O", "expires_at": until}
        act.session.add(account_row("A1", Role.ADMIN))
        act.session.flush()
        act.session.add(Invitation(id="I1", **invited, **again))
    assert lacks_a_second(town)  # an admin who is invited again is not a second admin
    invite = {**invited, "organisation_id": "O", "expires_at": until}
    with town.act() as act:
        act.session.add(Invitation(**invite | {"id": "I2", "fingerprint": "2", "asked_by": "A1"}))
    assert lacks_a_second(town)
    with town.act() as act:
        act.session.add(Invitation(**invite | {"id": "I3", "fingerprint": "3"}))
    assert not lacks_a_second(town)


def lacks_a_second(town):
    with town.act(ADMIN) as act:
        people = [one for one in staff(act.session, act.at) if one.role is Role.ADMIN]
        found = Missing.SECOND_ADMIN in {check.missing for check in set_up(act).checks}
        assert found is not are_two(people)
        return found
