"""Persons to invite from a file: the admin who imports asks for all of them at once, and another admin grants that."""

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


def requests(town):
    return town.all(select(SecondPersonRequest).where(SecondPersonRequest.settled_at.is_(None)))


def asked(town):
    """Returns what is asked of each person, by address."""
    found = [facts for one in requests(town) for facts in one.facts.get("invitations", [one.facts])]
    return sorted(found, key=lambda facts: facts["email"])


def test_import_of_accounts_is_one_request(town, organisations):
    outcome = give(town, STAFF, CARE, OF_THE_CENTRE)
    assert (outcome.carried_out, outcome.findings, outcome.counts()) == (True, [], {"ask:accounts": 3})
    house, care, centre = organisations
    assert [one.asked_by for one in requests(town)] == [ADMIN.id]
    assert [tuple(facts[name] for name in NAMES) for facts in asked(town)] == [
        ("desk@voorbeeld.example", Role.DESK, centre, []),
        ("nieuw@voorbeeld.example", Role.SHELTER_STAFF, house, []),
        ("zorg@voorbeeld.example", Role.COORDINATOR, care, ["limburg", "oost-brabant"]),
    ]
    known = {"name": "Nina Nieuw", "job_title": "Groepsleider", "telephone": "+31301234567"}
    assert {name: asked(town)[1][name] for name in known} == known
    assert town.all(select(Invitation)) == []


@pytest.mark.usefixtures("organisations")
def test_import_of_accounts_twice_asks_nothing_twice(town):
    give(town, STAFF, CARE)
    before = [one.id for one in requests(town)]
    assert give(town, STAFF, CARE).steps == []
    assert [one.id for one in requests(town)] == before


@pytest.fixture
def second(town, organisations):
    """Returns a second admin, with an account, beside that of the first."""
    _ = organisations

    def admins(act):
        for number in (1, 2):
            fields = {"organisation_id": accounts.coordination_centre(act).id, "role": Role.ADMIN, "regions": []}
            email, who = f"admin{number}@voorbeeld.example", (ADMIN.id, "A-second")[number - 1]
            if act.session.get(Account, who) is None:
                act.session.add(Account(id=who, email=email, password_hash="", totp_secret="", **fields))
        act.session.flush()

    town.do(admins, actor=ADMIN)
    return ADMIN.__class__("A-second", Role.ADMIN, session_id="Z")


def test_grant_of_an_import_invites_each_address_once(town, second):
    give(town, STAFF, CARE)
    [request] = requests(town)
    granted = town.do(grant, request.id, actor=second)
    assert {one.invitation.email for one in granted.links} == {facts["email"] for facts in request.facts["invitations"]}
    invited = {one.email: (one.role, one.asked_by, one.invited_by) for one in town.all(select(Invitation))}
    assert invited == {
        "nieuw@voorbeeld.example": (Role.SHELTER_STAFF, ADMIN.id, second.id),
        "zorg@voorbeeld.example": (Role.COORDINATOR, ADMIN.id, second.id),
    }
    assert give(town, STAFF, CARE).steps == []


def test_grant_of_an_import_leaves_out_those_with_an_account(town, second):
    give(town, STAFF, CARE)

    def joined(act):
        email, organisation = CARE[0], accounts.coordination_centre(act).id
        act.session.add(
            Account(
                id="A-care", email=email, role=Role.DESK, organisation_id=organisation, password_hash="", totp_secret=""
            )
        )

    town.do(joined, actor=ADMIN)
    town.do(grant, requests(town)[0].id, actor=second)
    assert [one.email for one in town.all(select(Invitation))] == ["nieuw@voorbeeld.example"]


def test_import_of_an_account_that_is_there_asks_nothing(town, second):
    _ = second
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
