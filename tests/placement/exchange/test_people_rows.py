"""Clients who live in a shelter, or wait, already come in by a file: as households, once, from their own day."""

from datetime import timedelta

import pytest
from sqlmodel import select

from placement.core.codes import RegistrationStatus, StayStatus
from placement.exchange.importing import import_file
from placement.exchange.sheets import SHEETS
from placement.registrations.related_cases import all_named_by
from placement.tables import AuditEvent, Registration, Stay
from placement.tables.facts import FACTS
from tests.support.exchange.books import book, placed, saved
from tests.support.town import TODAY

CAME = TODAY - timedelta(days=40)
CASE = ["Politie-eenheid zaak", "Aanmelder", "Verblijfsstatus"]
KNOWN = ["Amsterdam", "Nationale Politie", "bedenktijd (drie maanden)"]
HEAD = ["Huishouden", "Geslacht", "Leeftijd", "Kamer", "Gekomen op", "Schuilnaam", *CASE, "Spreekt", "Gevaar in"]
MOTHER = ["1", "v", 24, "R3", CAME, "Merel", *KNOWN, "Tigrinya", "Rotterdam"]
CHILD = ["1", "v", 3, "R3"]
WAITS = ["Huishouden", "Geslacht", "Leeftijd", "Wacht sinds", "Nodig op", *CASE]


def give(town, *rows, sheet="Bewoners", head=HEAD, **more):
    return town.do(import_file, saved(book(**{sheet: [head, *rows]})), "bewoners.xlsx", "nl", **more)


def test_household_lives_there_since_its_day(town):
    outcome = give(town, MOTHER, CHILD)
    assert [one for one in outcome.findings if one.blocks] == []
    assert outcome.counts() == {"make:residents": 1}
    [stay] = town.all(select(Stay))
    assert (stay.status, stay.starts_on, stay.unit_id) == (StayStatus.IN_HOUSE, CAME, "U2-family")
    [case] = town.all(select(Registration))
    assert [one.code for one in case.languages] == ["ti"]
    assert [one.age for one in case.persons] == [24, 3]
    [threat] = case.threats
    assert (threat.point["place"], threat.min_km) == ("Rotterdam", 50)


def test_household_of_the_same_file_twice_is_there_once(town):
    give(town, MOTHER, CHILD)
    again = give(town, MOTHER, CHILD)
    assert (again.carried_out, again.steps) == (True, [])
    assert placed(again.findings) == {("import_household_is_there", 2, "A", False)}
    assert len(town.all(select(Registration))) == 1


@pytest.mark.wide
def test_households_that_are_alike_are_two_and_stay_two(town):
    alike = [[number, "v", 30, room, CAME, None, *KNOWN] for number, room in (("1", "R1"), ("2", "R1"))]
    assert give(town, *alike).counts() == {"make:residents": 2}
    assert give(town, *alike).steps == []
    assert len(town.all(select(Stay))) == 2


def test_household_tried_leaves_nothing(town):
    before = len(town.all(select(AuditEvent)))
    tried = give(town, MOTHER, CHILD, dry_run=True)
    assert (tried.carried_out, tried.counts()) == (False, {"make:residents": 1})
    assert town.all(select(Registration)) == []
    assert len(town.all(select(AuditEvent))) == before + 1


def test_household_that_waits_counts_from_its_day(town):
    day = TODAY - timedelta(days=10)
    outcome = give(town, ["1", "m", 40, day, TODAY, *KNOWN], sheet="Wachtlijst", head=WAITS)
    assert outcome.counts() == {"make:waiting": 1}
    [case] = town.all(select(Registration))
    assert (case.status, case.waits_since.date()) == (RegistrationStatus.OPEN, day - timedelta(days=1))  # at midnight
    assert give(town, ["1", "m", 40, day, TODAY, *KNOWN], sheet="Wachtlijst", head=WAITS).steps == []


def test_household_with_faults_names_each_at_its_cell(town):
    rows = [
        ["1", "v", 24, "R3", None, None, *KNOWN],
        ["2", "v", 24, "R99", CAME, None, *KNOWN],
        ["3", "v", 24, "R1", TODAY + timedelta(days=1), None, *KNOWN],
        ["4", "v", 24, "R1", CAME, None, *KNOWN, None, "Roterdam"],
        ["5", "v", 24, "R1", CAME, None, *KNOWN],
        ["5", "v", 24, "R4"],
    ]
    outcome = give(town, *rows)
    assert not outcome.carried_out
    assert placed(outcome.findings) == {
        ("import_value_missing", 2, "E", True),
        ("import_part_unknown", 3, "D", True),
        ("day_ahead", 4, "E", True),
        ("place_unknown", 5, "K", True),
        ("import_household_in_two_units", 6, "D", True),
    }
    assert town.all(select(Registration)) == []


def test_household_in_a_file_without_the_case_is_told_once(town):
    rows = [["1", "v", 24, "R3", CAME], ["2", "v", "24 jr", "R1", CAME]]
    outcome = give(town, *rows, head=HEAD[:5])
    assert placed(outcome.findings) == {("import_heading_missing", 1, "", True), ("import_not_whole", 3, "C", True)}
    missing = [one.facts["missing"] for one in outcome.findings if one.code == "import_heading_missing"]
    assert missing == CASE


def test_household_with_a_bad_cell_is_told_all_it_lacks(town):
    rows = [["1", "v", "24 jr", "R3", "12/2025", None, None, *KNOWN[1:2]], ["1", "v", 3, "R3"]]
    assert placed(give(town, *rows).findings) == {
        ("import_not_whole", 2, "C", True),
        ("import_not_a_day", 2, "E", True),
        ("import_value_missing", 2, "G", True),
        ("import_value_missing", 2, "I", True),
    }


DANGER = [*HEAD, "Afstand gevaar (km)", "Zware zorg"]


def test_household_keeps_the_largest_distance_of_a_danger(town):
    give(town, [*MOTHER, 60], [*CHILD, *[None] * 6, "Rotterdam"], head=DANGER)
    [case] = town.all(select(Registration))
    assert [(one.point["place"], one.min_km) for one in case.threats] == [("Rotterdam", 60)]


def test_household_with_a_distance_alone_is_told_of_it(town):
    outcome = give(town, MOTHER, [*CHILD, *[None] * 7, 60], head=DANGER)
    assert placed(outcome.findings) == {("import_distance_alone", 3, "L", True)}
    assert town.all(select(Registration)) == []


def test_household_is_told_what_a_further_row_says_in_vain(town):
    same = [*CHILD, CAME, None, *KNOWN]
    outcome = give(town, [*MOTHER, None, "nee"], [*same, None, None, None, "ja"], head=DANGER)
    told = {(one.code, one.row, one.column, one.blocks) for one in outcome.findings}
    assert ("import_first_row_counts", 3, "M", False) in told
    assert [one.column for one in outcome.findings if one.code == "import_first_row_counts"] == ["M"]


def test_household_comes_with_the_room_of_the_same_file(town):
    sheets = {"Kamers": [["Unit", "Kamer", "Bedden"], ["U2-family", "Nieuw", 2]]}
    content = saved(book(**sheets, Bewoners=[HEAD, ["1", "v", 24, "Nieuw", TODAY, None, *KNOWN]]))
    outcome = town.do(import_file, content, "alles.xlsx", "nl")
    assert outcome.counts() == {"make:residents": 1, "make:room": 1}


def test_household_keeps_every_fact_that_a_registration_has(town):
    columns = {column.name: column for column in SHEETS["waiting"].columns}
    written = {"spoken": "languages", "threat": "threats", "waits_since": "waits_since", "household": "persons"}
    known = {written.get(name, name) for name in columns} | {"region"}
    assert FACTS.keys() - known == set()
    more = ["Niet eerder dan", "Grondslag om een opvang in te lichten", "Geldt tot en met", "Brengt een huisdier mee"]
    more += ["Wil graag in de buurt zijn van", "Vermijden", "Moet bereikbaar zijn", "Bereik (km)", "Zou fijn zijn"]
    later = TODAY + timedelta(days=5)
    row = ["1", "v", 30, TODAY, later, *KNOWN, later, "toestemming", later, "ja"]
    outcome = give(
        town,
        [*row, "Utrecht", "Locatie 2", "Zwolle", 30, "psychiatrie"],
        sheet="Wachtlijst",
        head=[*WAITS, *more],
    )
    assert [one for one in outcome.findings if one.blocks] == []
    [case] = town.all(select(Registration))
    assert (case.needed_from, case.sharing_until, case.pet) == (later, later, True)
    assert case.sharing_ground is not None
    assert (case.near["place"], [one.max_km for one in case.reach]) == ("Utrecht", [30])
    assert [one.target for one in case.avoidances] == ["L2"]


LINKED = ["Huishouden", "Geslacht", "Leeftijd", "Wacht sinds", "Nodig op", *CASE, "Samen met", "Niet samen met"]


@pytest.mark.parametrize("first", [True, False], ids=["earlier row", "later row"])
def test_households_stay_together_and_are_kept_apart(town, first):
    rows = [[number, "v", 30 + int(number), TODAY, TODAY, *KNOWN] for number in "123"]
    linked = 0 if first else 2
    rows[linked] += ["2", "3" if first else "1"]
    assert give(town, *rows, sheet="Wachtlijst", head=LINKED).carried_out
    by_age = {case.persons[0].age - 30: case.id for case in town.all(select(Registration))}
    linked_by = by_age[linked + 1]
    named = {case: town.do(all_named_by, case) for case in by_age.values()}
    together = {frozenset({case, other}) for case, one in named.items() for other in one.stay_with}
    apart = {frozenset({case, other}) for case, one in named.items() for other in one.keep_apart}
    assert (together, apart) == (
        {frozenset({linked_by, by_age[2]})},
        {frozenset({linked_by, by_age[3 if first else 1]})},
    )


def test_household_with_an_unknown_other_is_told(town):
    row = ["1", "v", 30, TODAY, TODAY, *KNOWN, "9"]
    outcome = give(town, row, sheet="Wachtlijst", head=LINKED)
    assert placed(outcome.findings) == {("import_household_unknown", 2, "I", True)}


def test_household_in_the_log_is_an_id_alone(town):
    give(town, MOTHER, CHILD)
    written = str([event.content for event in town.all(select(AuditEvent))])
    for text in ("Merel", "Rotterdam", "bewoners.xlsx"):
        assert text not in written
