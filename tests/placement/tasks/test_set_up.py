"""Missing parts of a new service: shown step by step, to each reader the parts that concern them."""

from datetime import timedelta

import pytest
from sqlmodel import select

from placement.core.area_codes import PlaceKind
from placement.core.codes import OrganisationKind, Region, Role, Scheme, StoreFact
from placement.core.context import Act, Actor
from placement.core.setting_parts import Smtp
from placement.storage import store_records
from placement.tables import (
    Account,
    Bed,
    CapacityReport,
    Invitation,
    Location,
    OnCall,
    Organisation,
    PlaceEntry,
    Provider,
    Room,
    Shelter,
    Unit,
)
from placement.tasks.set_up import About, AboutKind, Check, LastBackup, Missing, is_told, set_up
from tests.support.accounts import account_row
from tests.support.settings import changed
from tests.support.stores import AT, one_store

MAIL = Smtp("mail.example", 587, "starttls", "dienst@placement.example")
OPERATORS = {Missing.KEYS_NOT_COPIED, Missing.NO_BACKUP, Missing.NO_MAIL_SERVER}
ADMIN, DESK, AUDITOR = (Actor("A", role) for role in (Role.ADMIN, Role.DESK, Role.AUDITOR))


class Begun:
    def __init__(self, empty):
        self.database, self.settings = empty.database, empty.settings

    def put(self, *rows):
        with self.database.transaction() as session:
            for row in rows:
                session.add(row)
                session.flush()

    def record(self, fact, detail=""):
        with self.database.transaction() as session:
            store_records.record(session, fact, AT, detail)

    def shelter(self, name="S1"):
        self.put(
            Provider(id=f"P-{name}", name="-"),
            Shelter(id=name, provider_id=f"P-{name}", name=f"Opvang {name}"),
            Organisation(id=f"O-{name}", name="-", kind=OrganisationKind.SHELTER, shelter_id=name),
        )

    def unit(self, name="S1", scheme=Scheme.COSM, beds=1, admits=("female",)):
        location, unit = f"{name}-L{scheme}", f"{name}-{scheme}"
        self.put(
            Location(id=location, shelter_id=name, name="Een", region=Region.LIMBURG, cell_row=1, cell_column=1),
            Unit(id=unit, location_id=location, name="Een", scheme=scheme, admits=list(admits), min_age=18, max_age=99),
            Room(id=f"{unit}-R", unit_id=unit, name="Kamer"),
            *(Bed(room_id=f"{unit}-R", number=number) for number in range(1, beds + 1)),
        )

    def account(self, name, role, **facts):
        self.put(account_row(name, role, **facts))

    def found(self, actor=ADMIN, at=AT):
        with self.database.transaction() as session:
            return set_up(Act(session, actor, at, self.settings)).checks

    def needed(self, actor=ADMIN):
        return {check.missing for check in self.found(actor) if check.needed}

    def of(self, missing, actor=ADMIN):
        return next((check for check in self.found(actor) if check.missing is missing), None)


@pytest.fixture
def begun(empty):
    return Begun(empty)


def of_shelter(*ids):
    return tuple(About(AboutKind.SHELTER, one, f"Opvang {one}") for one in ids)


@pytest.mark.wide
def test_needed_checks_go_one_by_one_as_things_come(begun):
    assert begun.needed() == {Missing.SECOND_ADMIN, Missing.NO_DESK, Missing.NO_SHELTER}
    begun.account("A1", Role.ADMIN)
    assert Missing.SECOND_ADMIN in begun.needed()
    begun.account("A2", Role.ADMIN)
    begun.account("A3", Role.DESK)
    assert begun.needed() == {Missing.SECOND_DESK, Missing.NO_SHELTER}
    begun.account("A5", Role.DESK)
    assert begun.needed() == {Missing.NO_SHELTER}
    begun.shelter()
    assert begun.needed() == {Missing.NO_UNIT, Missing.NO_STAFF}
    begun.unit(beds=0)
    assert begun.needed() == {Missing.NO_ROOM, Missing.NO_STAFF}
    assert begun.of(Missing.NO_ROOM).about == of_shelter("S1")
    begun.unit(scheme=Scheme.OMM, admits=())
    assert begun.needed() == {Missing.NO_STAFF, Missing.NO_PROFILE, Missing.NOT_REPORTED}
    begun.account("A4", Role.SHELTER_STAFF, organisation_id="O-S1")
    assert begun.needed() == {Missing.NO_PROFILE, Missing.NOT_REPORTED}
    begun.unit(scheme=Scheme.WOMENS)
    assert begun.needed() == {Missing.NOT_REPORTED}
    assert begun.of(Missing.NO_PROFILE) == Check(Missing.NO_PROFILE, needed=False, about=of_shelter("S1"))
    begun.put(CapacityReport(shelter_id="S1", at=AT, reported_by="-"))
    assert begun.needed() == set()
    assert {one.missing for one in begun.found()} >= OPERATORS
    begun.record(StoreFact.BACKUP_MADE)
    begun.record(StoreFact.KEYS_COPIED, store_records.fingerprint_of_keys(begun.settings))
    begun.settings = changed(begun.settings, smtp=MAIL)
    assert {one.missing for one in begun.found()}.isdisjoint(OPERATORS)


@one_store
def test_what_can_wait_is_told_with_what_it_is_about(begun):
    begun.shelter("S1")
    begun.shelter("S2")
    begun.unit("S1")
    begun.account("A1", Role.SHELTER_STAFF, organisation_id="O-S1")
    begun.account("A2", Role.COORDINATOR, regions=["limburg"])
    assert begun.of(Missing.NO_UNIT) == Check(Missing.NO_UNIT, needed=False, about=of_shelter("S2"))
    assert begun.of(Missing.NO_STAFF) == Check(Missing.NO_STAFF, needed=False, about=of_shelter("S2"))
    begun.unit("S2", Scheme.OMM)
    begun.put(CapacityReport(shelter_id="S2", at=AT, reported_by="-"))
    assert begun.of(Missing.NOT_REPORTED) == Check(Missing.NOT_REPORTED, needed=False, about=of_shelter("S1"))
    schemes = {one.id for one in begun.of(Missing.NO_UNIT_IN_SCHEME).about}
    assert schemes == {*Scheme} - {Scheme.COSM, Scheme.OMM}
    regions = {one.id for one in begun.of(Missing.NO_COORDINATOR).about}
    assert regions == {*Region} - {Region.LIMBURG}
    begun.put(CapacityReport(shelter_id="S1", at=AT, reported_by="-"))
    assert begun.of(Missing.NOT_REPORTED) is None
    assert [check.needed for check in begun.found()] == sorted((one.needed for one in begun.found()), reverse=True)


@one_store
def test_desk_is_asked_for_a_rota_until_one_is_on_call(begun):
    assert begun.of(Missing.NO_ROTA) is None
    begun.account("A1", Role.DESK)
    assert begun.of(Missing.NO_ROTA) == Check(Missing.NO_ROTA, needed=False)
    begun.put(OnCall(id="C-1", account_id="A1", starts_on=AT.date(), ends_on=AT.date(), named_by="A1", named_at=AT))
    assert begun.of(Missing.NO_ROTA) is None


@one_store
def test_organisation_without_a_number_to_call_is_named(begun):
    begun.put(Organisation(id="O-1", name="Noord", kind=OrganisationKind.CARE_COORDINATION))
    begun.put(
        Organisation(
            id="O-2", name="Zuid", kind=OrganisationKind.CARE_COORDINATION, telephones={"placing": "+31880000001"}
        )
    )
    begun.account("A1", Role.COORDINATOR, organisation_id="O-2")
    assert begun.of(Missing.NO_NUMBER) is None
    begun.account("A2", Role.COORDINATOR, organisation_id="O-1")
    about = (About(AboutKind.ORGANISATION, "O-1", "Noord"),)
    assert begun.of(Missing.NO_NUMBER) == Check(Missing.NO_NUMBER, needed=False, about=about)
    assert Missing.NO_NUMBER.done_by == {Role.ADMIN}


def test_location_without_an_address_is_named_for_the_desk(begun):
    for name in ("S1", "S2"):
        begun.shelter(name)
        begun.unit(name)
    begun.put(Location(id="L", shelter_id="S1", name="-", region=Region.LIMBURG, cell_row=1, cell_column=1))
    assert begun.of(Missing.NO_ADDRESS) == Check(Missing.NO_ADDRESS, needed=False, about=of_shelter("S1", "S2"))
    assert Missing.NO_ADDRESS.done_by == {Role.DESK}
    with begun.database.transaction() as session:
        session.get_one(Location, "S1-Lcosm").address = "Straat 1, Zwolle"
    assert begun.of(Missing.NO_ADDRESS).about == of_shelter("S2")
    with begun.database.transaction() as session:
        session.get_one(Unit, "S2-cosm").location_id = "S1-Lcosm"
    assert begun.of(Missing.NO_ADDRESS) is None
    with begun.database.transaction() as session:
        session.get_one(Unit, "S2-cosm").location_id = "L"
    assert begun.of(Missing.NO_ADDRESS).about == of_shelter("S1")


@one_store
def test_address_is_needed_once_a_client_is_expected(town):
    town_of = Begun(town)
    with town.database.transaction() as session:
        for one in session.exec(select(Location)):
            one.address = None
    assert not town_of.of(Missing.NO_ADDRESS).needed
    town.confirm(town.hold_in(town.register(alias="Merel")))
    assert town_of.of(Missing.NO_ADDRESS).needed


@one_store
def test_area_without_coordinator_follows_its_organisation(begun):
    """The area is named by its name; an island is not named if this service places nobody there."""
    facts = {"name": "Twente", "coordinated_by": ["O-2"]}
    about = {"source": "-", "set_by": "-", "set_at": AT}
    begun.put(PlaceEntry(kind=PlaceKind.AREA, code="twente", number=1, facts=facts, **about))
    alone = begun.of(Missing.NO_COORDINATOR).about
    assert About(AboutKind.REGION, "twente", "Twente") in alone
    assert "saba" not in {one.id for one in alone}
    begun.put(Organisation(id="O-2", name="-", kind=OrganisationKind.CARE_COORDINATION))
    begun.account("A2", Role.COORDINATOR, regions=[], organisation_id="O-2")
    assert "twente" not in {one.id for one in begun.of(Missing.NO_COORDINATOR).about}


@one_store
def test_disabled_account_and_lapsed_invitation_do_not_count(begun):
    begun.account("A1", Role.DESK, disabled_at=AT)
    begun.put(Organisation(id="O-1", name="-", kind=OrganisationKind.COORDINATION_CENTRE))
    invited = {"organisation_id": "O-1", "role": Role.DESK, "invited_by": "-", "made_at": AT, "email": "x@x.example"}
    begun.put(Invitation(id="I1", fingerprint="1", expires_at=AT, **invited))
    begun.put(Invitation(id="I2", fingerprint="2", expires_at=AT + timedelta(1), withdrawn_at=AT, **invited))
    assert Missing.NO_DESK in begun.needed()
    begun.put(Invitation(id="I3", fingerprint="3", expires_at=AT + timedelta(1), **invited))
    assert Missing.NO_DESK not in begun.needed()
    assert Missing.SECOND_DESK in begun.needed()
    begun.put(Invitation(id="I4", fingerprint="4", expires_at=AT + timedelta(1), **invited))
    assert begun.needed() & {Missing.NO_DESK, Missing.SECOND_DESK} == set()


@one_store
def test_coordinator_and_staff_see_what_concerns_them_alone(begun):
    begun.shelter("S1")
    begun.shelter("S2")
    coordinator = Actor("C", Role.COORDINATOR, regions=frozenset({"limburg", "amsterdam"}))
    assert {one.missing for one in begun.found(coordinator)} == {
        Missing.NO_DESK,
        Missing.NO_UNIT_IN_SCHEME,
        Missing.NO_COORDINATOR,
    }
    assert {one.id for one in begun.of(Missing.NO_COORDINATOR, coordinator).about} == {"limburg", "amsterdam"}
    staff = Actor("S", Role.SHELTER_STAFF, shelter_id="S2")
    assert begun.of(Missing.NO_UNIT, staff).about == begun.of(Missing.NO_STAFF, staff).about == of_shelter("S2")
    assert {one.missing for one in begun.found(Actor("R", Role.READER))} == {Missing.NO_DESK, Missing.NO_UNIT_IN_SCHEME}
    for actor in (DESK, AUDITOR):
        assert begun.found(actor) == begun.found(ADMIN)


@one_store
def test_first_page_has_what_its_role_can_change(begun):
    """The desk and a shelter read of no mail server: neither can set it. An admin can ask the operator."""
    begun.account("A1", Role.DESK)
    begun.shelter()
    begun.unit(admits=())
    staff = Actor("S", Role.SHELTER_STAFF, shelter_id="S1")
    told = {}
    for actor in (ADMIN, DESK, AUDITOR, staff, Actor("C", Role.COORDINATOR, regions=frozenset({"limburg"}))):
        with begun.database.transaction() as session:
            act = Act(session, actor, AT, begun.settings)
            told[actor.role] = {one.missing for one in set_up(act).checks if is_told(act, one)}
    assert told == {
        Role.ADMIN: {*OPERATORS, Missing.NO_SHEET, Missing.SECOND_ADMIN, Missing.SECOND_DESK, Missing.NO_STAFF},
        Role.DESK: set(),
        Role.AUDITOR: set(),
        Role.SHELTER_STAFF: {Missing.NO_PROFILE, Missing.NOT_REPORTED},
        Role.COORDINATOR: set(),
    }


@one_store
def test_new_key_is_not_copied_until_it_is_said_again(begun):
    begun.record(StoreFact.KEYS_COPIED, store_records.fingerprint_of_keys(begun.settings))
    assert begun.of(Missing.KEYS_NOT_COPIED) is None
    begun.settings = changed(begun.settings, field_keys=("another", *begun.settings.field_keys))
    assert begun.of(Missing.KEYS_NOT_COPIED)


@one_store
def test_sheet_without_a_key_is_said_and_beds_are_given(begun):
    assert begun.of(Missing.NO_SHEET) == Check(Missing.NO_SHEET, needed=False)
    begun.settings = changed(begun.settings, sheet_for=("age1",))
    assert Missing.NO_SHEET not in {one.missing for one in begun.found()}


@one_store
def test_nothing_is_asked_of_the_operator_of_a_synthetic_store(country):
    begun = Begun(country)
    assert {one.missing for one in begun.found()} & {*OPERATORS, Missing.NO_SHEET} == set()
    assert begun.needed() == set()
    with begun.database.transaction() as session:
        for one in session.exec(select(Account).where(Account.role == Role.DESK)):
            one.disabled_at = AT
    assert begun.needed() == {Missing.NO_DESK}


@one_store
def test_last_backup_is_old_after_two_intervals(begun):
    begun.record(StoreFact.BACKUP_MADE)

    def seen(actor, **later):
        with begun.database.transaction() as session:
            return set_up(Act(session, actor, AT + timedelta(**later), begun.settings)).backup

    assert seen(ADMIN, hours=48) == LastBackup(AT, is_old=False)
    assert seen(ADMIN, hours=49) == LastBackup(AT, is_old=True)
    assert seen(Actor("K", Role.COORDINATOR, regions=frozenset({"limburg"}))) is None
    begun.record(StoreFact.SYNTHETIC)
    assert seen(ADMIN) is None
