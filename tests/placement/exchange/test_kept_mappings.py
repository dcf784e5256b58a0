"""Kept mappings: whose mapping is valid for the files of other accounts, and the notice that it was used."""

from datetime import timedelta

import pytest
from sqlmodel import select

from placement.exchange.importing import import_file
from placement.exchange.mapping import read_mapping
from placement.tables import ImportMapping, Registration
from tests.support.accounts import add_accounts
from tests.support.exchange.books import book, placed, saved
from tests.support.stores import one_store
from tests.support.town import ADMIN, DESK, OTHER_DESK, TODAY

CASE = ["Politie-eenheid zaak", "Aanmelder", "Verblijfsgrond"]
HEAD = ["Huishouden", "Geslacht", "Leeftijd", "Kamer", "Gekomen op", "Schuilnaam", *CASE, "Spreekt", "Gevaar in"]
KNOWN = ["Amsterdam", "Nationale Politie", "bedenktijd (drie maanden)"]
WOMAN = ["1", "v", 24, "R3", TODAY - timedelta(days=40), "Merel", *KNOWN, "Tigrinya", "Rotterdam"]
WITHOUT_DANGER = read_mapping(
    b'[sheets."Bewoners"]\nis = "residents"\n[sheets."Bewoners".columns]\n"Gevaar in" = ""\n'
    b'[sheets."Bewoners".values.gender]\n"v" = "male"\n'
)
AS_ACCOUNTS = read_mapping(
    b'[sheets."Bewoners"]\nis = "accounts"\n[sheets."Bewoners".columns]\n"Schuilnaam" = "email"\n"Kamer" = "role"\n'
)


def give(town, *rows, actor=DESK, **more):
    return town.do(import_file, saved(book(Bewoners=[HEAD, *rows])), "bewoners.xlsx", "nl", actor=actor, **more)


@pytest.mark.parametrize("planted", [WITHOUT_DANGER, AS_ACCOUNTS], ids=["without danger", "as accounts"])
def test_mapping_of_an_admin_reads_no_file_of_the_desk(town, planted):
    give(town, actor=ADMIN, given=planted)  # it holds no row, so no notice of a mapping from another account is due
    outcome = give(town, WOMAN)
    assert (outcome.carried_out, outcome.findings) == (True, [])
    [case] = town.all(select(Registration))
    assert [threat.point["place"] for threat in case.threats] == ["Rotterdam"]
    assert [person.gender.value for person in case.persons] == ["female"]


@one_store
def test_mapping_that_an_admin_kept_before_reads_no_file(town):
    add_accounts(town, ADMIN)
    give(town, given=WITHOUT_DANGER)
    with town.act() as act:
        [kept] = act.session.exec(select(ImportMapping)).all()
        kept.kept_by = ADMIN.id
    assert give(town, WOMAN).findings == []
    [case] = town.all(select(Registration))
    assert [threat.point["place"] for threat in case.threats] == ["Rotterdam"]


def test_mapping_of_an_admin_replaces_none_of_the_desk(town):
    own = read_mapping(b'[sheets."Bewoners"]\nis = "residents"\n')
    assert give(town, given=own).carried_out
    give(town, actor=ADMIN, given=AS_ACCOUNTS)
    assert [kept.sheet for kept in town.all(select(ImportMapping))] == ["residents"]


def test_mapping_kept_by_a_colleague_is_said_with_what_it_means(town):
    give(town, actor=OTHER_DESK, given=WITHOUT_DANGER)
    outcome = give(town, WOMAN, dry_run=True)
    assert placed(outcome.findings) == {("import_mapping_kept", 1, "", False)}
    assert outcome.findings[0].facts["found"] == ["Gevaar in: -", "v: male"]
