"""Persons to invite from a file: each row is asked by the admin who imports, and granted by another."""

import pytest
from sqlmodel import select

from placement.accounts import accounts
from placement.core.codes import OrganisationKind, Role
from placement.core.context import by_command
from placement.exchange import importing
from placement.tables import Account, AuditEvent, Invitation, SecondPersonRequest
from tests.support.exchange.books import book, placed, saved
from tests.support.second_person import grant
from tests.support.town import ADMIN, DESK

HEADINGS = ["E-mail", "Naam", "Functie", "Telefoon", "Rol", "Werkt bij", "Gebieden"]
STAFF = [
    "Nieuw@voorbeeld.example",
    "Nina Nieuw",
    "Groepsleider",
    "030 123 45 67",
    "Medewerker van een opvang",
    "S1",
    None,
]
CARE = ["zorg@voorbeeld.example", None, None, None, "Zorgcoördinator", "Zorg Zuid", "Limburg; oost-brabant"]
OF_THE_CENTRE = ["desk@voorbeeld.example", None, None, None, "Desk", None, None]


@pytest.fixture
def organisations(town):
    """Returns the ids of a shelter's organisation, of a care coordination, and of the centre."""

    def made(act):
        care = accounts.make_organisation(act, "Zorg Zuid", OrganisationKind.CARE_COORDINATION)
        house = accounts.make_organisation(act, "Opvang 1", OrganisationKind.SHELTER, "S1")
        return house.id, care.id, accounts.coordination_centre(act).id

    return town.do(made, actor=ADMIN)


def give(town, *rows, actor=ADMIN, **more):
    content = saved(book(Accounts=[HEADINGS, *rows]))
    return town.do(importing.import_file, content, "accounts.xlsx", "nl", actor=actor, **more)


NAMES = ("email", "role", "organisation", "regions")


def asked(town):
    rows = town.all(select(SecondPersonRequest).where(SecondPersonRequest.settled_at.is_(None)))
    return sorted(rows, key=lambda one: one.facts["email"])


def test_import_of_accounts_asks_for_each(town, organisations):
    outcome = give(town, STAFF, CARE, OF_THE_CENTRE)
    assert (outcome.carried_out, outcome.findings, outcome.counts()) == (True, [], {"ask:accounts": 3})
    house, care, centre = organisations
    assert [(*(one.facts[name] for name in NAMES), one.asked_by) for one in asked(town)] == [
        ("desk@voorbeeld.example", Role.DESK, centre, [], ADMIN.id),
        ("nieuw@voorbeeld.example", Role.SHELTER_STAFF, house, [], ADMIN.id),
        ("zorg@voorbeeld.example", Role.COORDINATOR, care, ["limburg", "oost-brabant"], ADMIN.id),
    ]
    known = {"name": "Nina Nieuw", "job_title": "Groepsleider", "telephone": "+31301234567"}
    assert {name: asked(town)[1].facts[name] for name in known} == known
    assert town.all(select(Invitation)) == []


@pytest.mark.usefixtures("organisations")
def test_import_of_accounts_twice_asks_nothing_twice(town):
    give(town, STAFF, CARE)
    before = [one.id for one in asked(town)]
    assert give(town, STAFF, CARE).steps == []
    assert [one.id for one in asked(town)] == before


@pytest.mark.wide
@pytest.mark.usefixtures("organisations")
def test_import_of_accounts_invited_asks_nothing(town):
    give(town, STAFF)

    def granted(act):
        for number in (1, 2):
            fields = {"organisation_id": accounts.coordination_centre(act).id, "role": Role.ADMIN, "regions": []}
            email, who = f"admin{number}@voorbeeld.example", (ADMIN.id, "A-second")[number - 1]
            if act.session.get(Account, who) is None:
                act.session.add(Account(id=who, email=email, password_hash="", totp_secret="", **fields))
        act.session.flush()

    town.do(granted, actor=ADMIN)
    second = ADMIN.__class__("A-second", Role.ADMIN, session_id="Z")
    town.do(grant, asked(town)[0].id, actor=second)
    assert len(town.all(select(Invitation))) == 1
    assert give(town, STAFF).steps == []
    known = give(town, ["admin1@voorbeeld.example", None, None, None, "Desk", None, None])
    assert (known.carried_out, placed(known.findings)) == (True, {("import_account_is_there", 2, "A", False)})


@pytest.mark.usefixtures("organisations")
def test_import_of_accounts_tried_asks_nothing(town):
    tried = give(town, STAFF, dry_run=True)
    assert (tried.counts(), asked(town)) == ({"ask:accounts": 1}, [])


@pytest.mark.usefixtures("organisations")
def test_import_of_accounts_names_every_fault_at_its_cell(town):
    outcome = give(
        town,
        ["geen adres", *STAFF[1:]],
        ["a@voorbeeld.example", *STAFF[1:5], "Nergens", None],
        ["b@voorbeeld.example", "Bo", None, "30 123 45 67", *STAFF[4:]],
        ["c@voorbeeld.example", None, None, None, "Zorgcoördinator", "Zorg Zuid", "Atlantis"],
        ["d@voorbeeld.example", None, None, None, "Zorgcoördinator", None, None],
        ["e@voorbeeld.example", None, None, None, "Desk", "Zorg Zuid", None],
        STAFF,
        STAFF,
    )
    assert {one[:3] for one in placed(outcome.findings)} == {
        ("not_an_email", 2, "A"),
        ("import_organisation_unknown", 3, "F"),
        ("telephone_country", 4, "D"),
        ("import_place_unknown", 5, "G"),
        ("import_organisation_missing", 6, "F"),
        ("organisation_does_not_fit", 7, "F"),
        ("import_row_twice", 9, "A"),
    }
    assert (outcome.carried_out, asked(town)) == (False, [])


@pytest.mark.usefixtures("organisations")
@pytest.mark.parametrize("who", ["desk", "operator"])
def test_import_of_accounts_by_the_desk_is_refused_in_words(town, who):
    content = saved(book(Accounts=[HEADINGS, STAFF]))
    with town.act(DESK) as act:
        giving = act if who == "desk" else by_command(act.session, act.settings, act.at)
        outcome = importing.import_file(giving, content, "accounts.xlsx", "nl")
    assert placed(outcome.findings) == {("import_row_of_others", 2, "", True)}
    assert outcome.findings[0].facts == {"roles": ["Beheerder"]}
    assert asked(town) == []


@pytest.mark.usefixtures("organisations")
def test_import_of_accounts_leaves_no_person_in_the_log(town):
    give(town, STAFF)
    told = "".join(str(event.facts) for event in town.all(select(AuditEvent)))
    assert not any(one in told for one in ("voorbeeld.example", "Nina", "123"))


def test_import_by_an_admin_cannot_make_shelters(town):
    content = saved(book(Opvang=[["Opvang", "Aanbieder"], ["De Berk", "Stichting Berk"]]))
    outcome = town.do(importing.import_file, content, "register.xlsx", "nl", actor=ADMIN)
    assert (outcome.steps, {one.code for one in outcome.findings}) == ([], {"import_row_of_others"})
