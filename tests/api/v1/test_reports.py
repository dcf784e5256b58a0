"""The daily report for each role: as JSON, CSV and PDF, and for days without a report."""

import csv
import io
from datetime import datetime, timedelta

import pytest
from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from placement.core.context import SYSTEM, Act
from placement.reports import store as report_store
from placement.reports.data_dictionary import DICTIONARY
from tests.support.api.pages import signed_in
from tests.support.api.service import AT
from tests.support.stores import one_store

pytestmark = one_store
DAY = AT.date()


@pytest.fixture
def reported(service):
    with service.database.transaction() as session:
        for day in (DAY - timedelta(days=2), DAY):
            report_store.make(Act(session, SYSTEM, AT, service.country.settings), day)
    return service


def report(caller, **asked):
    answer = caller.ask("GET", f"/reports/{DAY}", None, **asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.wide
def test_report_shows_country_totals_and_own_shelters(reported):
    desk = report(reported.desk)
    assert (desk["view"], [row["shelter"] for row in desk["shelters"]]) == ("all", ["S01", "S02", "S03"])
    assert len(desk["regions"]) == 16  # every area
    staff = report(reported.staff)
    assert (staff["view"], staff["whose"], [row["shelter"] for row in staff["shelters"]]) == (
        "shelter",
        ["S01"],
        ["S01"],
    )
    own = report(reported.coordinator)
    assert (own["view"], own["whose"], [row["region"] for row in own["regions"]]) == (
        "regions", ["amsterdam"], ["amsterdam"],
    )  # fmt: skip
    assert {unit["region"] for row in own["shelters"] for unit in row["units"]} <= {"amsterdam"}
    totals = report(reported.report_reader)
    assert (totals["view"], totals["whose"], totals["shelters"], totals["regions"]) == ("totals", [], [], [])
    for body in (staff, own, totals):
        assert body["waiting"] | {"bottlenecks": []} == desk["waiting"] | {"bottlenecks": []}
        for section in ("flow", "clocks", "people_on"):
            assert body[section] == desk[section]
        for section in ("free", "country", "expecting"):
            assert body[section] == totals[section]


@pytest.mark.wide
def test_beds_are_exact_for_the_desk_and_rounded_for_others(reported):
    desk, totals = report(reported.desk), report(reported.report_reader)
    kinds = {row["kind"]: row["free"] for row in desk["free"]["by_kind"]}
    assert (desk["free"]["free"], desk["free"]["few"], kinds["women"], kinds["men"]) == (6, [], 5, 1)
    assert totals["free"]["free"] == 5
    assert [(row["kind"], row["free"]) for row in totals["free"]["by_kind"]] == [("women", 5)]
    assert totals["free"]["few"] == ["men", "families", "multi_problem", "accessible", "minors"]
    assert [row["kind"] for row in totals["expecting"]["by_kind"]] == ["women"]
    country = totals["country"]
    assert (country["beds"], country["shelters"]) == (desk["country"]["beds"], desk["country"]["shelters"])
    assert {country[name] % 5 for name in ("used", "used_by_others", "held", "out_of_service", "free")} == {0}
    own = report(reported.staff)["shelters"]
    assert own == [row for row in desk["shelters"] if row["shelter"] == "S01"]


@pytest.mark.wide
def test_report_for_totals_role_names_no_shelter_or_unit(reported):
    body = reported.report_reader.ask("GET", f"/reports/{DAY}", None).text
    table = reported.report_reader.ask("GET", f"/reports/{DAY}?format=csv", None).text
    for text in (body, table):
        assert "S01" not in text
        assert "S03" not in text


@pytest.mark.wide
def test_report_csv_has_every_figure_once_all_in_dictionary(reported):
    answer = reported.desk.ask("GET", f"/reports/{DAY}?format=csv", None)
    assert answer.headers["content-type"].startswith("text/csv"), answer.text
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    keys = [tuple(row[name] for name in ("figure", "shelter", "unit", "region", "code")) for row in rows]
    assert len(keys) == len(set(keys)) > 200
    assert {row["figure"] for row in rows} <= set(DICTIONARY)
    free = next(row["value"] for row in rows if row["figure"] == "free.free")
    assert int(free) == report(reported.desk)["free"]["free"]
    assert {row["on"] for row in rows} == {str(DAY)}
    moments = {row["shelter"]: row["value"] for row in rows if row["figure"] == "shelter.reported_at" and row["value"]}
    assert moments
    assert all("T" in moment for moment in moments.values())
    for shelter in report(reported.desk)["shelters"]:
        assert (shelter["reported_at"] or "").replace("Z", "+00:00") == moments.get(shelter["shelter"], "")


FORMS = {
    "application/json": b"{",
    "text/csv": b"on,figure,",
    "application/pdf": b"%PDF-",
    "text/html": b"<!doctype html>",
}


@pytest.mark.wide
@pytest.mark.parametrize("media", FORMS)
def test_report_format_is_chosen_by_header_or_query(reported, media):
    asked = reported.desk.ask("GET", f"/reports/{DAY}", None, Accept=f"{media}, image/png;q=0.1")
    named = reported.desk.ask("GET", f"/reports/{DAY}?format={media[-4:].lstrip('/')}", None, Accept="image/png")
    for answer in (asked, named):
        assert answer.headers["content-type"].partition(";")[0] == media
        assert answer.headers["vary"] == "Accept, Accept-Language"
        assert answer.content.startswith(FORMS[media])
    assert asked.content == named.content


@pytest.mark.wide
@pytest.mark.parametrize(("accept", "media"), [
    ("*/*", "application/json"), ("text/*", "text/csv"), ("application/pdf;q=0.5, text/csv", "text/csv"),
])  # fmt: skip
def test_report_format_follows_the_accept_preference(reported, accept, media):
    answer = reported.desk.ask("GET", f"/reports/{DAY}", None, Accept=accept)
    assert answer.headers["content-type"].partition(";")[0] == media


@pytest.mark.wide
def test_report_unknown_format_is_refused_naming_the_formats(reported):
    answer = reported.desk.ask("GET", f"/reports/{DAY}", None, Accept="image/png", Accept_Language="en")
    assert (answer.status_code, answer.headers["content-type"]) == (406, "application/problem+json")
    body = answer.json()
    assert body["type"] == "urn:placement:problem:not_acceptable"
    assert all(media in body["detail"] for media in FORMS)
    dictionary = reported.desk.ask("GET", "/reports/dictionary", None, Accept="application/pdf", Accept_Language="en")
    assert dictionary.status_code == 406
    assert "application/json, text/csv" in dictionary.json()["detail"]


@pytest.mark.wide
def test_data_dictionary_is_in_both_languages_and_as_csv(reported):
    dutch = reported.report_reader.ask("GET", "/reports/dictionary", None).json()["items"]
    assert dutch[0]["what"] == "Plaatsen die nu vrij zijn"
    table = reported.report_reader.ask("GET", "/reports/dictionary?format=csv", None, Accept_Language="en").text
    rows = list(csv.DictReader(io.StringIO(table)))
    assert [row["figure"] for row in rows] == [row["figure"] for row in dutch]
    assert rows[0]["what"] == "Places free now"


@pytest.mark.wide
@pytest.mark.parametrize(
    ("day", "status", "code"),
    [
        (str(DAY + timedelta(days=1)), 400, "report_to_come"),
        (str(DAY - timedelta(days=3)), 400, "report_before_first"),
        ("gisteren", 400, "not_a_day"),
        ("2026-02-30", 400, "not_a_day"),
        (str(DAY - timedelta(days=1)), 404, None),
    ],
)
def test_day_without_report_gives_the_reason(reported, day, status, code):
    answer = reported.desk.ask("GET", f"/reports/{day}", None)
    assert answer.status_code == status
    if code:
        assert [(fault["field"], fault["code"]) for fault in answer.json()["errors"]] == [("day", code)]


@pytest.mark.wide
@pytest.mark.parametrize(("hour", "wait"), [("05:59", 120), ("06:03", 60)])
def test_report_that_is_not_made_yet_says_when_to_ask_again(reported, hour, wait):
    """The report of the next day, a minute before seven in Amsterdam and three minutes after."""
    tomorrow = DAY + timedelta(days=1)
    reported.moment.at = datetime.fromisoformat(f"{tomorrow}T{hour}+00:00")
    for form in ("", "?format=csv"):
        answer = reported.desk.ask("GET", f"/reports/{tomorrow}{form}", None, Accept_Language="en")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, str(wait))
        assert answer.json()["type"] == "urn:placement:problem:report_not_made_yet"
        assert f"{tomorrow} 07:00" in answer.json()["detail"]


@pytest.mark.wide
def test_the_days_are_listed_the_newest_first(reported):
    body = reported.report_reader.ask("GET", "/reports", None).json()
    assert ([row["on"] for row in body["items"]], body["total"]) == ([str(DAY), str(DAY - timedelta(days=2))], 2)


@pytest.mark.wide
def test_the_json_has_its_schema_in_the_description(reported):
    schemas = reported.client.get("/api/v1/openapi.json").json()["components"]["schemas"]
    assert set(schemas["ReportOut"]["required"]) <= set(report(reported.desk))
    assert schemas["Counted"]["properties"]["count"]["pattern"].startswith("^(<[0-9]+|")


@pytest.mark.wide
def test_report_pdf_has_the_figures_of_the_json(reported):
    answer = reported.desk.ask("GET", f"/reports/{DAY}?format=pdf", None, Accept_Language="nl")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == f'attachment; filename="report-{DAY}.pdf"'
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    body = report(reported.desk)
    assert f"Er zijn {body['free']['free']} plaatsen vrij" in text
    for shelter in body["shelters"]:
        assert f"{shelter['name']}: {shelter['free']} van {shelter['beds']} vrij" in text


@pytest.mark.wide
def test_the_page_shows_the_newest_day_and_any_other(reported):
    reader = signed_in(reported, "coordinator")
    other = DAY - timedelta(days=2)
    shown = 'type="date" id="day" name="day" value="{}"'.format
    assert shown(DAY) in reader.get("/reports").text
    assert shown(other) in reader.get(f"/reports/{other}").text
    assert shown(other) in reader.get(f"/reports?day={other}").text
    assert shown(other) in reader.get(f"/reports?day={other.day}-{other.month}-{other.year}").text
    assert reader.get("/reports/2000-01-01").status_code == 400
    assert reader.get("/reports/yesterday").status_code == 400


def test_report_page_before_the_first_report_says_there_is_none(service):
    assert "no report yet" in signed_in(service, "coordinator").get("/reports").text


@pytest.mark.wide
def test_report_as_ods_has_the_rows_of_its_csv(reported):
    for path in (f"/reports/{DAY}", f"/reports/period?kind=week&day={DAY}", "/reports/dictionary"):
        sign = "&" if "?" in path else "?"
        table = reported.desk.ask("GET", f"{path}{sign}format=csv", None).text
        answer = reported.desk.ask("GET", f"{path}{sign}format=ods", None)
        assert answer.headers["Content-Disposition"].endswith('.ods"')
        rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(0).to_python()
        assert len(rows) == len([*csv.reader(io.StringIO(table, newline=""))]) > 1
