"""Recipients of notices: the deputy of an absent account too, and the desk if an area or a shelter has nobody there."""

from datetime import date, timedelta

import pytest

from placement.areas.first import first_places
from placement.areas.lookup import places_of_day
from placement.core.area_codes import PlaceKind
from placement.core.codes import MessageKind, Region, Role
from placement.core.context import Actor
from placement.duty.deputies import fits
from placement.notifications import reminders
from placement.outbox import recipients
from placement.tables import Absence, Account, PlaceEntry
from tests.support.accounts import account_row, add_accounts, add_shelter_staff
from tests.support.messages import sent
from tests.support.stores import one_store
from tests.support.town import AT, COORDINATOR, DESK, ELSEWHERE, TODAY

WIDE = Actor("A-wide", Role.COORDINATOR, regions=frozenset({"amsterdam", "limburg"}), session_id="Z")
OTHER_DESK = Actor("A-z-desk", Role.DESK, session_id="Z")
TOMORROW = TODAY + timedelta(days=1)
KNOWN = places_of_day([one for one in first_places(AT) if one.kind is PlaceKind.AREA], TODAY)


@pytest.fixture
def staffed(town):
    """Adds two people at shelter S1, a person at S2, coordinators for Amsterdam and Limburg, and two of the desk."""
    add_shelter_staff(town)
    add_accounts(town, COORDINATOR, ELSEWHERE, DESK, OTHER_DESK)
    with town.act() as act:
        act.session.add(account_row("A-S1-b", Role.SHELTER_STAFF, organisation_id="O-S1"))
    return town


def away(town, account_id, deputy=None, since=TODAY, until=TODAY, **facts):
    with town.act() as act:
        row = Absence(
            id=f"Y-{account_id}-{since}", account_id=account_id, starts_on=since, ends_on=until, deputy_id=deputy,
            named_at=AT, **facts,
        )  # fmt: skip
        act.session.add(row)


def told(town, whom, about, day=TODAY):
    with town.act() as act:
        return sorted(whom(act.session, about, day))


def test_placers_without_absence_are_the_coordinators(staffed):
    assert told(staffed, recipients.placers_of, Region.AMSTERDAM) == [COORDINATOR.id]


def test_placers_all_away_the_desk_is_told(staffed):
    away(staffed, COORDINATOR.id)
    assert told(staffed, recipients.placers_of, Region.AMSTERDAM) == [COORDINATOR.id, DESK.id, OTHER_DESK.id]
    assert told(staffed, recipients.placers_of, Region.AMSTERDAM, TOMORROW) == [COORDINATOR.id]
    assert told(staffed, recipients.placers_of, Region.LIMBURG) == [ELSEWHERE.id]


def test_placers_deputy_of_the_desk_counts_as_present(staffed):
    away(staffed, COORDINATOR.id, OTHER_DESK.id)
    assert told(staffed, recipients.placers_of, Region.AMSTERDAM) == [COORDINATOR.id, OTHER_DESK.id]


@pytest.mark.parametrize(("since", "until", "there"), [(-1, 0, False), (0, 1, False), (1, 2, True), (-2, -1, True)])
@one_store
def test_absence_counts_on_its_first_and_last_day(staffed, since, until, there):
    away(staffed, "A-S2", None, TODAY + timedelta(days=since), TODAY + timedelta(days=until))
    assert (told(staffed, recipients.staff_of, "S2") == ["A-S2"]) == there


@one_store
def test_absence_that_was_withdrawn_does_not_count(staffed):
    away(staffed, "A-S2", withdrawn_at=AT)
    assert told(staffed, recipients.staff_of, "S2") == ["A-S2"]


def test_staff_one_of_two_away_a_colleague_is_there(staffed):
    away(staffed, "A-S1")
    assert told(staffed, recipients.staff_of, "S1") == ["A-S1", "A-S1-b"]


def test_staff_all_away_the_desk_is_told(staffed):
    away(staffed, "A-S1", "A-S1-b")
    away(staffed, "A-S1-b", "A-S1")  # each other's deputy: nobody is there, and no circle is walked for ever
    assert told(staffed, recipients.staff_of, "S1") == ["A-S1", "A-S1-b", DESK.id, OTHER_DESK.id]
    assert told(staffed, recipients.staff_of, "S3") == [DESK.id, OTHER_DESK.id]  # nobody works there at all


def test_deputy_away_is_told_with_the_own_deputy(staffed):
    away(staffed, COORDINATOR.id, DESK.id)
    away(staffed, DESK.id, OTHER_DESK.id)
    assert told(staffed, recipients.placers_of, Region.AMSTERDAM) == [COORDINATOR.id, DESK.id, OTHER_DESK.id]


def test_deputy_disabled_does_not_count(staffed):
    add_accounts(staffed, WIDE)
    away(staffed, ELSEWHERE.id, WIDE.id)
    staffed.do(lambda act: setattr(act.session.get_one(Account, WIDE.id), "disabled_at", AT))
    assert told(staffed, recipients.placers_of, Region.LIMBURG) == [DESK.id, ELSEWHERE.id, OTHER_DESK.id]


def test_deputy_without_the_regions_does_not_count(staffed):
    add_accounts(staffed, WIDE)
    away(staffed, ELSEWHERE.id, WIDE.id)
    staffed.do(lambda act: setattr(act.session.get_one(Account, WIDE.id), "regions", ["amsterdam"]))
    assert told(staffed, recipients.placers_of, Region.LIMBURG) == [DESK.id, ELSEWHERE.id, OTHER_DESK.id]


def test_hold_of_a_shelter_without_anybody_is_mailed_to_the_desk(staffed):
    away(staffed, "A-S1")
    away(staffed, "A-S1-b")
    staffed.hold_in(staffed.register(), "U1-women")
    asked = [one.account_id for one in sent(staffed, MessageKind.HOLD_ASKED)]
    assert sorted(asked) == ["A-S1", "A-S1-b", OTHER_DESK.id]  # the actor is of the desk


@pytest.mark.wide
def test_hold_reminder_goes_to_the_deputy_of_its_maker(staffed):
    staffed.hold_in(staffed.register(), "U1-women")
    away(staffed, DESK.id, OTHER_DESK.id)
    staffed.later(hours=1)
    staffed.do(reminders.remind_of_holds)
    reminded = [one.account_id for one in sent(staffed, MessageKind.HOLD_WAITS)]
    assert sorted(reminded) == ["A-S1", "A-S1-b", DESK.id, OTHER_DESK.id]


def row(role, regions=(), organisation="O-1", **facts):
    return account_row("A-2", role, regions=list(regions), organisation_id=organisation, **facts)


@pytest.mark.parametrize(
    ("absent", "deputy", "fit"),
    [
        (row(Role.COORDINATOR, ["limburg"]), row(Role.COORDINATOR, ["limburg"], "O-2"), True),
        (row(Role.COORDINATOR, ["limburg"]), row(Role.COORDINATOR, ["amsterdam", "limburg"]), True),
        (row(Role.COORDINATOR, ["amsterdam", "limburg"]), row(Role.COORDINATOR, ["limburg"]), False),
        (row(Role.COORDINATOR, ["limburg"]), row(Role.DESK), True),
        (row(Role.COORDINATOR, ["limburg"]), row(Role.ADMIN), False),
        (row(Role.DESK), row(Role.DESK), True),
        (row(Role.DESK), row(Role.COORDINATOR, ["limburg"]), False),
        (row(Role.SHELTER_STAFF), row(Role.SHELTER_STAFF), True),
        (row(Role.SHELTER_STAFF), row(Role.SHELTER_STAFF, (), "O-2"), False),
        (row(Role.SHELTER_STAFF), row(Role.DESK), False),
        (row(Role.READER), row(Role.READER, (), "O-2"), False),
        (row(Role.DESK), row(Role.DESK, disabled_at=AT), False),
    ],
)
def test_fits_only_the_same_reach_or_wider(absent, deputy, fit):
    absent.id = "A-1"
    assert fits(absent, deputy, KNOWN) == fit


def test_fits_by_the_areas_of_the_organisation():
    facts = {"name": "Twente", "coordinated_by": ["O-1"]}
    about = {"source": "-", "set_by": "-", "set_at": AT}
    known = places_of_day([PlaceEntry(kind=PlaceKind.AREA, code="twente", number=1, facts=facts, **about)], TODAY)
    absent = account_row("A-1", Role.COORDINATOR, regions=[], organisation_id="O-1")
    assert fits(absent, row(Role.COORDINATOR), known)
    assert fits(absent, row(Role.COORDINATOR, ["twente"]), known)
    assert not fits(absent, row(Role.COORDINATOR, ["twente"], "O-2"), known)


def test_fits_not_for_the_same_account():
    one = row(Role.DESK)
    assert not fits(one, one, KNOWN)


def test_absence_of_a_past_year_is_not_looked_at(staffed):
    away(staffed, "A-S2", None, date(2025, 11, 24), date(2025, 11, 24))
    assert told(staffed, recipients.staff_of, "S2") == ["A-S2"]
