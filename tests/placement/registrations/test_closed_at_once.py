"""Two people who close a case at the same moment, on PostgreSQL: it closes once, with a notice to each coordinator."""

import pytest
from sqlmodel import select

from placement.core.codes import MessageKind, RegistrationStatus, Role
from placement.core.context import Actor
from placement.registrations import links, registrations
from placement.tables import Account, Registration
from tests.support.messages import sent
from tests.support.simultaneous_acts import at_once, worked
from tests.support.town import COORDINATOR, DESK, OTHER_DESK

pytestmark = [pytest.mark.wide, pytest.mark.parametrize("stores", ["postgresql"], indirect=True)]
THIRD_DESK = Actor("A-third-desk", Role.DESK, session_id="Z")


@pytest.fixture
def told(town):
    """Returns the coordinators of the area, and a function that lists the recipients of a closing."""
    with town.act() as act:
        for name in (COORDINATOR.id, "A-second"):
            act.session.add(
                Account(
                    id=name,
                    email=f"{name.lower()}@x.example",
                    role=Role.COORDINATOR,
                    regions=["amsterdam"],
                    password_hash="-",  # noqa: S106
                    totp_secret="-",  # noqa: S106
                )
            )
    return lambda: sorted(one.account_id for one in sent(town) if one.kind is MessageKind.CASE_CLOSED)


@pytest.mark.parametrize("_", range(3))
def test_case_closed_by_two_is_told_once(town, told, _):
    case = town.register()
    outcomes = at_once(
        *[
            lambda actor=one: town.do(registrations.close, case, "found_other_place", actor=actor)
            for one in (DESK, OTHER_DESK)
        ]
    )
    assert (len(worked(outcomes)), told()) == (1, ["A-amsterdam", "A-second"])


@pytest.mark.parametrize("_", range(3))
def test_case_closed_and_merged_at_once_is_told_once(town, told, _):
    other, case = town.register(), town.register()
    outcomes = at_once(
        lambda: town.do(registrations.close, case, "found_other_place", actor=DESK),
        lambda: town.do(links.merge, case, other, actor=OTHER_DESK),
        lambda: town.do(links.merge, case, other, actor=THIRD_DESK),
    )
    assert (len(worked(outcomes)), told()) == (1, ["A-amsterdam", "A-second"])


@pytest.mark.parametrize("_", range(3))
def test_two_cases_merged_into_each_other_at_once_one_goes_on(town, told, _):
    one, other = town.register(), town.register()
    at_once(
        lambda: town.do(links.merge, one, other, actor=DESK),
        lambda: town.do(links.merge, other, one, actor=OTHER_DESK),
    )
    states = sorted(row.status for row in town.all(select(Registration)))
    assert states == [RegistrationStatus.CLOSED, RegistrationStatus.OPEN]
    assert told() == ["A-amsterdam", "A-second"]
