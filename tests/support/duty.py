"""The town out of the hours of duty: its people, and a standing mandate of its desk."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from placement.core.clock import day_of
from placement.core.duty_codes import OutOfHours
from placement.duty import mandates
from placement.duty.mandates import DESK_SCHEMES
from placement.placements.decisions import decisions
from tests.support.accounts import add_accounts, add_shelter_staff
from tests.support.town import COORDINATOR, DESK, OTHER_DESK, ROOMS, Town

TUESDAY_AT_22 = datetime(2026, 11, 24, 21, 0, tzinfo=UTC)
WEDNESDAY_AT_9 = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)


def peopled(town: Town, at: datetime = TUESDAY_AT_22) -> Town:
    """Adds a coordinator of Amsterdam, a member of staff of S1 and of S2, and two of the desk. Every count is fresh at
    this moment, and the setting is `provisional`.
    """
    add_shelter_staff(town)
    add_accounts(town, COORDINATOR, DESK, OTHER_DESK)
    town.having(out_of_hours=OutOfHours.PROVISIONAL)
    moved(town, at)
    return town


def moved(town: Town, at: datetime) -> None:
    """Moves the town to this moment, with new reports of every shelter."""
    town.at = at
    for one in ROOMS:
        town.report(one)


def mandated(town: Town, *, days: int = 7, schemes=DESK_SCHEMES, by=DESK):
    """Gives a mandate from today on, for so many days."""
    today = day_of(town.at)
    actor = replace(by, verified_at=town.at)
    return town.do(mandates.give, list(schemes), today, today + timedelta(days=days - 1), actor=actor)


def accepted(town: Town, *, proposal: str | None = None):
    """Accepts, as the coordinator, a first proposal in COSM, and returns the decision."""
    proposal = proposal or town.propose(town.register(actor=COORDINATOR), actor=COORDINATOR)
    return town.decide(proposal, actor=COORDINATOR)


def answered(town: Town, decision_id: str, *, granted: bool, text: str | None = None, by=OTHER_DESK):
    return town.do(decisions.answer_decision, decision_id, granted=granted, text=text, actor=by)
