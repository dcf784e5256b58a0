"""Releases of counts over the API and on their pages: asked, made at night, released by another analyst, as files."""

import csv
import io
from datetime import date
from random import Random

import openpyxl
import pypdf
import pytest

from placement.audit import log as audit_log
from placement.audit.events import Event
from placement.core.codes import Role
from placement.core.context import SYSTEM, Act
from placement.counts import register
from placement.counts.releases import building
from tests.support.accounts import account_row
from tests.support.api.page_content import words_of
from tests.support.api.pages import signed_in
from tests.support.counts import inbox_content
from tests.support.releases.few_codes import record
from tests.support.stores import one_store

pytestmark = one_store
QUARTER = {"kind": "quarter", "day": "2026-08-03"}


@pytest.fixture
def counted(service):
    """Puts records of a quarter into the register, and makes a second analyst."""
    rng = Random(1)
    with service.database.transaction() as session:
        act = Act(session, SYSTEM, service.moment.at, service.country.settings)
        facts = [record(rng, date(2026, 8, 1)) for _ in range(150)]
        register.add(session, act.day, [inbox_content(one) for one in facts])
        session.add(account_row("A-second-analyst", Role.ANALYST))
        audit_log.write(act, Event.ROWS_CHANGED)
    return service


def next_night(service):
    """Carries out the daily job of the next night."""
    service.moment.pass_by(days=1)
    with service.database.transaction() as session:
        act = Act(session, SYSTEM, service.moment.at, service.country.settings)
        building.make(act, service.moment.at)


@pytest.mark.wide
def test_release_is_asked_made_released_and_sent_as_files(counted):
    one = counted.analyst.made("/count-releases", QUARTER)
    assert (one["status"], one["begins_on"], one["version"]) == ("asked", "2026-07-01", 1)
    here = f"/count-releases/{one['id']}"
    assert counted.analyst.get(here).status_code == 409
    next_night(counted)
    [asked] = counted.analyst.get("/second-person-requests").json()["items"]
    grant = f"/second-person-requests/{asked['id']}/grant"
    assert counted.analyst.post(grant, {}).status_code == 409
    counted.session_of("A-second-analyst").made(grant, {})
    found = counted.analyst.get(here).json()
    assert (found["status"], found["within"]) == ("released", 4)
    figures = {tuple(row["key"]): row["figure"] for row in found["figures"]}
    rows = list(csv.DictReader(io.StringIO(counted.analyst.get(f"{here}?format=csv").text)))
    assert len(rows) == len(figures)
    assert rows[0] | {"figure": str(figures[()])} == rows[0]
    meanings = list(csv.DictReader(io.StringIO(counted.analyst.get(f"{here}?format=dictionary").text)))
    assert ("gender", "female", "Feminine") in {(one["column"], one["code"], one["htcds"]) for one in meanings}
    book = openpyxl.load_workbook(io.BytesIO(counted.analyst.get(f"{here}?format=xlsx").content))
    assert book.sheetnames == ["figures", "dictionary"]
    pdf = pypdf.PdfReader(io.BytesIO(counted.analyst.get(f"{here}?format=pdf").content))
    assert "Vermoedelijke slachtoffers" in pdf.pages[0].extract_text()


def test_period_that_is_not_over_gets_a_clear_answer(service):
    refused = service.analyst.post("/count-releases", {"kind": "year", "day": "2026-08-03"})
    assert refused.status_code == 400
    assert "2026-12-31" in refused.json()["errors"][0]["message"]
    page = signed_in(service, "analyst", language="nl")
    page.get("/counts/releases")
    shown = page.send("/counts/releases", kind="year", day="2026-08-03")
    assert "De periode is nog niet voorbij." in words_of(shown)


@pytest.mark.wide
@pytest.mark.parametrize(
    ("language", "title", "method"), [("en", "Presumed", "multiples of 5"), ("nl", "Vermoedelijke", "veelvouden van 5")]
)
def test_page_of_a_release_has_charts_method_and_files(counted, language, title, method):
    release = counted.analyst.made("/count-releases", QUARTER)["id"]
    next_night(counted)
    reader = signed_in(counted, "analyst", language=language)
    assert f'href="/counts/releases/{release}"' in reader.get("/counts/releases").text
    page = reader.get(f"/counts/releases/{release}")
    assert page.status_code == 200
    assert title in words_of(page)
    assert method in words_of(page)
    assert "<svg" in page.text
    assert "format=xlsx" in page.text
    assert "/second-person" in reader.get("/counts/releases").text


def test_releases_are_for_analysts_alone(service):
    for caller in (service.desk, service.coordinator, service.registrar, service.report_reader):
        assert caller.get("/count-releases").status_code == 403
        assert caller.post("/count-releases", QUARTER).status_code == 403
