"""The letter of the ledger of need: for the roles that may read it, as JSON, CSV and PDF, and on its page."""

import csv
import io
from datetime import date
from random import Random

import pytest
from pypdf import PdfReader

from placement.audit.events import Event
from placement.core.need_codes import Dimension
from placement.tables.need import GroupCounts
from tests.support import needs
from tests.support.api.page_content import words_of
from tests.support.api.pages import signed_in
from tests.support.audit_log import logged
from tests.support.stores import one_store

pytestmark = one_store
FIRST, DAYS = date(2026, 4, 1), 183
QUARTER = "/needs?kind=quarter&day=2026-08-03"


def asked(caller, path):
    answer = caller.ask("GET", path, None)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
def ledger(service):
    """Stores a ledger of two quarters."""
    everybody = needs.households(Random(5), FIRST, DAYS, 180)
    with service.database.transaction() as session:
        session.add_all(needs.records(everybody, FIRST, DAYS))
    return service


@pytest.mark.wide
def test_letter_names_obstacles_and_places_more(ledger):
    body = asked(ledger.analyst, QUARTER)
    assert (body["begins_on"], body["ends_on"], body["days"], body["days_solved"]) == (
        "2026-07-01",
        "2026-09-30",
        92,
        92,
    )
    assert body["waiting"][0]["code"] == "capacity"
    assert {row["owner"] for row in body["waiting"] if row["code"] != "others"} >= {"capacity", "rules"}
    assert all(row["at_least"] >= 5 for row in body["waiting"])
    one, two = sorted(body["more"], key=lambda row: row["places"])
    assert (one["kind"], one["region"], one["stay_days"]) == ("women", "west", 60)
    assert 0 < one["placed"]["low"] <= one["placed"]["likely"] <= two["placed"]["likely"]
    assert body["advised"] == [{"kind": "women", "region": "west", "beds_then": 40, "beds_now": 40}]
    assert body["groups"] == []  # the random waits are equal
    assert body == asked(ledger.desk, QUARTER) == asked(ledger.report_reader, QUARTER)
    assert [line.role for line in logged(ledger, event=Event.NEEDS_READ)] == ["analyst", "desk", "reader"]


@pytest.mark.wide
def test_obstacles_that_people_note_are_counted_and_folded(service):
    a_day = {"papers": 6, "payment": 6, "transport": 2}
    noted = [GroupCounts(dimension=Dimension.NOTED, code=code, waiting=n, most=n) for code, n in a_day.items()]
    with service.database.transaction() as session:
        for one in needs.records(needs.households(Random(5), FIRST, DAYS, 180), FIRST, DAYS):
            one.content = one.content.model_copy(update={"groups": [*one.content.groups, *noted]})
            session.add(one)
    found = asked(service.analyst, QUARTER)["noted"]
    assert [(one["code"], one["owner"], one["household_days"]) for one in found] == [
        ("papers", "permits", 6 * 92),
        ("others", None, 8 * 92),
    ]
    page = signed_in(service, "desk", language="en").get("/needs?period=quarter&day=2026-08-03")
    assert "Obstacles that people noted" in words_of(page)
    assert "papers are missing" in words_of(page)


@pytest.mark.wide
def test_every_figure_is_a_row_of_the_csv(ledger):
    answer = ledger.analyst.ask("GET", f"{QUARTER}&format=csv", None)
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    body = asked(ledger.analyst, QUARTER)
    found = {(row["figure"], row["code"]): row["value"] for row in rows}
    assert len(found) == len(rows)
    first = body["waiting"][0]
    assert found["waiting.household_days", f"{first['code']} {first['owner']}"] == str(first["household_days"])
    assert found["more.placed.likely", "women west 2"] == str(
        next(row for row in body["more"] if row["places"] == 2)["placed"]["likely"]
    )


@pytest.mark.wide
@pytest.mark.parametrize("language", ["nl", "en"])
def test_letter_is_a_tagged_pdf_in_both_languages(ledger, language):
    answer = ledger.analyst.ask("GET", f"{QUARTER}&format=pdf", None, Accept_Language=language)
    pdf = PdfReader(io.BytesIO(answer.content))
    said = {"nl": "Wat in de weg stond", "en": "What stood in the way"}[language]
    assert said in pdf.pages[0].extract_text()
    assert len(pdf.pages) <= 3


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("kind=quarter&day=2026-11-24", "needs_not_over"),
        ("kind=month&day=2026-11-30", "needs_not_over"),
        ("kind=month&day=2026-03-31", "needs_before_first"),
        ("kind=year&day=0001-01-01", "not_a_day"),
        ("kind=year&day=2025-13-01", "not_a_day"),
    ],
)
def test_period_without_a_letter_gets_a_clear_answer(ledger, query, code):
    answer = ledger.desk.ask("GET", f"/needs?{query}", None)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["code"] == code


@pytest.mark.wide
def test_page_shows_the_letter_and_its_neighbours(ledger):
    reader = signed_in(ledger, "analyst")
    page = reader.get("/needs?day=2026-08-03")
    assert "What stood in the way: 3rd quarter 2026" in words_of(page)
    assert "format=pdf" in page.text
    assert "There is no letter of" in words_of(reader.get("/needs?period=month&day=2026-02-01"))


@pytest.mark.wide
def test_new_service_shows_the_letter_of_its_first_month(service):
    first, days = date(2026, 10, 1), 31
    with service.database.transaction() as session:
        session.add_all(needs.records(needs.households(Random(5), first, days, 60), first, days))
    reader = signed_in(service, "analyst")
    assert "What stood in the way: October 2026" in words_of(reader.get("/needs"))
    assert "There is no letter of" in words_of(reader.get("/needs?period=quarter"))


@pytest.mark.wide
def test_letter_of_days_without_causes_names_no_obstacle(service):
    first, days = date(2026, 10, 1), 31
    everybody = needs.households(Random(5), first, days, 60)
    for one in everybody:
        one.cause = "unknown"
    rows = list(needs.records(everybody, first, days))
    for row in rows:
        row.content = row.content.model_copy(update={"late": 1, "solved": 0})
    with service.database.transaction() as session:
        session.add_all(rows)
    shown = words_of(signed_in(service, "analyst").get("/needs?period=month&day=2026-10-01"))
    assert "The engine gave no causes on any of these days, so the letter names no obstacle." in shown
    assert "Most often in the way" not in shown
