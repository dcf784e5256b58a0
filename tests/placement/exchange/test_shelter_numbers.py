"""Telephone numbers of shelters in an import: first numbers are entered, others stay, improbable numbers are asked."""

import pytest
from sqlmodel import select

from placement.accounts import organisations, shelter_telephones
from placement.core.codes import MessageKind
from placement.core.telephone_codes import TelephoneUse
from placement.exchange import importing
from placement.tables import NumberChange, Organisation, Shelter
from tests.support.accounts import add_accounts
from tests.support.exchange.books import book, placed, saved
from tests.support.stores import both_stores, one_store
from tests.support.telephone import told
from tests.support.town import ADMIN, DESK, OTHER_DESK

HEADINGS = ["Opvang", "Aanbieder", "Telefoon", "Telefoon 's nachts", "Algemeen nummer"]


def give(town, *rows, **more):
    content = saved(book(Opvang=[HEADINGS, *rows]))
    return town.do(importing.import_file, content, "opvang.xlsx", "nl", actor=DESK, **more)


def row_of(town, *numbers):
    shelter = town.one("shelter", "S1")
    return [shelter.name, town.one("provider", shelter.provider_id).name, *numbers]


def numbers(town, name):
    with town.act() as act:
        shelter = act.session.exec(select(Shelter).where(Shelter.name == name)).one()
        found = act.session.exec(select(Organisation).where(Organisation.shelter_id == shelter.id)).one()
        return organisations.telephones_of(found)


@both_stores
def test_new_shelter_gets_its_numbers_which_are_new(town):
    outcome = give(town, ["De Berk", "Stichting Berk", "030 1234567", "+5997171234", "14020"])
    assert (outcome.carried_out, outcome.findings) == (True, [])
    assert numbers(town, "De Berk") == {
        TelephoneUse.PLACING: "+31301234567",
        TelephoneUse.NIGHT: "+5997171234",
        TelephoneUse.GENERAL: "+3114020",
    }
    [shelter] = [one for one in town.all(select(Shelter)) if one.name == "De Berk"]
    with town.act(DESK) as act:
        assert all(one.new_until for one in shelter_telephones.numbers_now(act, shelter.id).values())
    assert told(town, MessageKind.NUMBERS_CHANGED) == set()  # nobody relied on a number of it
    again = give(town, ["De Berk", "Stichting Berk", "030 1234567", "+5997171234", "14020"])
    assert (again.steps, again.findings) == ([], [])


@both_stores
def test_known_shelter_gets_a_first_number_and_keeps_others(town):
    add_accounts(town, DESK, OTHER_DESK)
    first = give(town, row_of(town, "030 123 45 67"))
    assert first.counts() == {"change:shelter": 1}
    assert OTHER_DESK.id in told(town, MessageKind.NUMBERS_CHANGED)
    more = give(town, row_of(town, "020 456 78 90", "06 12 34 56 78"))
    assert more.counts() == {"change:shelter": 1}
    assert placed(more.findings) == {("import_number_is_there", 2, "C", False)}
    assert numbers(town, town.one("shelter", "S1").name) == {
        TelephoneUse.PLACING: "+31301234567",
        TelephoneUse.NIGHT: "+31612345678",
    }
    assert len(town.all(select(NumberChange))) == 2


@one_store
def test_improbable_numbers_are_asked_about_all_at_once(town):
    rows = (
        ["De Berk", "Stichting Berk", "030 12345", "039 123 45 67", "bel de wacht"],
        ["De Linde", "Stichting Berk", "717 1234", None, None],
    )
    tried = give(town, *rows)
    assert not tried.carried_out
    assert placed(tried.findings) == {
        ("telephone_dutch", 2, "C", True),
        ("telephone_improbable", 2, "D", True),
        ("telephone_characters", 2, "E", True),
        ("telephone_country", 3, "C", True),
    }
    asked = [str(one.facts["written"]) for one in tried.findings if "written" in one.facts]
    assert asked == ["030 12345", "039 123 45 67", "717 1234"]
    done = give(town, rows[0][:4], rows[1], sure_of=asked)
    assert (done.carried_out, done.findings) == (True, [])
    assert numbers(town, "De Linde") == {TelephoneUse.PLACING: "+5997171234"}


@one_store
@pytest.mark.parametrize(
    ("figure", "number"), [(301234567, "+31301234567"), (32470123456, "+32470123456"), (7171234, "+5997171234")]
)
def test_figure_gets_back_what_the_spreadsheet_took(town, figure, number):
    done = give(town, ["De Berk", "Stichting Berk", figure])
    assert placed(done.findings) == {("import_figure_read_as_telephone", 2, "C", False)}
    assert numbers(town, "De Berk") == {TelephoneUse.PLACING: number}


@one_store
def test_dry_run_leaves_no_number_and_no_organisation(town):
    tried = give(town, row_of(town, "030 123 45 67"), dry_run=True)
    assert tried.counts() == {"change:shelter": 1}
    assert town.all(select(Organisation)) == []
    assert town.do(importing.import_file, saved(book(Opvang=[HEADINGS])), "o.xlsx", "nl", actor=ADMIN).steps == []
