"""The report of a week, month, quarter or year: for each role, as JSON and CSV, and on the page of the report."""

import csv
import io
import re
from datetime import timedelta
from html import unescape

import pytest

from placement.core.context import SYSTEM, Act
from placement.reports import store as report_store
from placement.reports.data_dictionary import DICTIONARY
from placement.reports.inputs import read_rows
from placement.reports.sections.clocks import is_near, is_past
from tests.support.api.page_cost import MOST, cost
from tests.support.api.pages import signed_in
from tests.support.api.service import AT
from tests.support.stores import one_store

pytestmark = one_store
DAY = AT.date()  # a Tuesday
FIRST, WITHOUT = DAY - timedelta(days=9), DAY - timedelta(days=3)
PATH = f"/reports/period?kind=month&day={DAY}"


@pytest.fixture
def reported(service):
    """Makes the reports of ten days, except a single day."""
    with service.database.transaction() as session:
        for back in range(9, -1, -1):
            if (day := DAY - timedelta(days=back)) != WITHOUT:
                report_store.make(Act(session, SYSTEM, AT, service.country.settings), day)
    return service


def asked(caller, path=PATH):
    answer = caller.ask("GET", path, None)
    assert answer.status_code == 200, answer.text
    return answer.json()


def daily(reported):
    with reported.database.transaction() as session:
        days, _ = report_store.days(session, AT, 100)
        return [(report_store.report_of(one), read_rows(one.rows)) for one in reversed(days)]


@pytest.mark.wide
def test_figures_of_a_month_are_those_of_its_days(reported):
    body, days = asked(reported.desk), [report for report, _ in daily(reported)]
    free = [one.country.free for one in days]
    used = [one.country.used + one.country.used_by_others for one in days]
    assert (body["begins_on"], body["ends_on"], body["days"]) == ("2026-11-01", "2026-11-30", 9)
    assert (body["missing_days"], body["reports_from"], body["days_to_come"]) == ([str(WITHOUT)], str(FIRST), 6)
    assert (body["free"]["bed_days"], body["used"]["bed_days"]) == (sum(free), sum(used))
    assert (body["free"]["lowest"], body["free"]["highest"]) == (min(free), max(free))
    assert body["free"]["mean"] == round(sum(free) / 9, 1)
    assert [value for value in body["series_free"] if value is not None] == free
    assert body["flow"]["weeks"] == ["2026-11-02", "2026-11-09", "2026-11-16"]
    assert not body["flow"]["complete"]


@pytest.mark.wide
@pytest.mark.parametrize(
    ("kind", "begins", "ends"),
    [
        ("week", "2026-11-23", "2026-11-29"),
        ("month", "2026-11-01", "2026-11-30"),
        ("quarter", "2026-10-01", "2026-12-31"),
        ("year", "2026-01-01", "2026-12-31"),
    ],
)
def test_day_names_the_period_in_which_it_lies(reported, kind, begins, ends):
    body = asked(reported.report_reader, f"/reports/period?kind={kind}&day={DAY}")
    assert (body["kind"], body["begins_on"], body["ends_on"]) == (kind, begins, ends)


@pytest.mark.wide
def test_reader_sees_places_of_the_own_scope(reported):
    shelters = {
        name: [row["shelter"] for row in asked(getattr(reported, name))["shelters"]]
        for name in ("desk", "coordinator", "staff", "report_reader")
    }
    assert (shelters["desk"], shelters["staff"], shelters["report_reader"]) == (["S01", "S02", "S03"], ["S01"], [])
    assert set(shelters["coordinator"]) < set(shelters["desk"])
    for caller in (reported.auditor, reported.admin):
        assert caller.ask("GET", PATH, None).status_code == 403


@pytest.mark.wide
def test_file_of_a_period_has_each_figure_once_in_dictionary(reported):
    answer = reported.desk.ask("GET", f"{PATH}&format=csv", None)
    assert answer.headers["content-disposition"] == 'attachment; filename="report-month-2026-11-01.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    keys = [(row["figure"], row["shelter"], row["code"]) for row in rows]
    assert len(keys) == len(set(keys)) > 60
    assert {row["figure"] for row in rows} <= set(DICTIONARY)
    assert {figure for figure in DICTIONARY if figure.startswith("period.")} - {row["figure"] for row in rows} == {
        "period.missing_week"
    }


@pytest.mark.wide
@pytest.mark.parametrize(
    ("day", "status", "code"),
    [
        ("2027-01-01", 400, "report_to_come"),
        ("2026-08-01", 400, "report_before_first"),
        ("2026-02-30", 400, "not_a_day"),
        ("0001-01-01", 400, "not_a_day"),
        ("9999-12-31", 400, "not_a_day"),
    ],
)
def test_period_without_a_report_gives_the_reason(reported, day, status, code):
    answer = reported.desk.ask("GET", f"/reports/period?kind=month&day={day}", None)
    assert (answer.status_code, [fault["code"] for fault in answer.json()["errors"]]) == (status, [code])


@pytest.mark.wide
@pytest.mark.parametrize(
    ("query", "field", "code"),
    [
        (f"kind=decade&day={DAY}", "kind", "not_listed"),
        (f"day={DAY}", "kind", "missing"),
        ("kind=week", "day", "missing"),
    ],
)
def test_wrong_or_missing_parameter_of_a_period_is_named(reported, query, field, code):
    answer = reported.desk.ask("GET", f"/reports/period?{query}", None)
    assert answer.status_code == 400
    assert [(fault["field"], fault["code"]) for fault in answer.json()["errors"]] == [(field, code)]


@pytest.mark.wide
def test_counts_about_people_are_those_of_published_reports(reported):
    """To the desk too: what the API gives is what is sent on."""
    days = [report for report, _ in daily(reported)]
    for caller in (reported.desk, reported.report_reader):
        body = asked(caller)
        assert [count for count in body["series_waiting"] if count is not None] == [one.waiting.total for one in days]
        assert {one.clocks.past for one in days} == {"<7"}
        assert body["past"] == {"mean_from": 0.0, "mean_to": 6.0, "highest": "0\N{EN DASH}6"}


def highest(page):
    """Returns the highest numbers of clients who wait, and of clients near a limit or past it."""
    part = re.search(r'aria-labelledby="waiting".*?</section>', page.text, re.DOTALL)[0]
    table = re.search(r"<caption>Who waited</caption>.*?</table>", part, re.DOTALL)[0]
    return [unescape(cell) for cell in re.findall(r"<td[^>]*>([^<]*)</td>\s*</tr>", table)]


@pytest.mark.wide
def test_desk_alone_reads_exact_counts_of_a_period(reported):
    days = [rows for _, rows in daily(reported)]
    exact = [
        max(len(rows.waiting) for rows in days),
        *(max(sum(map(counts, rows.stays)) for rows in days) for counts in (is_near, is_past)),
    ]
    body = asked(reported.desk)
    protected = [body[name]["highest"] for name in ("waiting", "near", "past")]
    assert protected != [str(count) for count in exact]
    address = f"/reports?period=month&day={DAY}"
    assert highest(signed_in(reported, "desk").get(address)) == [str(count) for count in exact]
    for role in ("coordinator", "reader"):
        page = signed_in(reported, role).get(address)
        assert highest(page) == ["not shown" if told == "hidden" else told for told in protected]
        assert "for the desk alone" not in page.text


@pytest.mark.wide
def test_page_leads_from_period_to_period_and_names_gaps(reported):
    reader = signed_in(reported, "reader")
    page = unescape(reader.get(f"/reports?period=week&day={DAY}").text)
    assert 'href="/reports?period=week&day=2026-11-16" rel="prev"' in page
    assert 'rel="next"' not in page
    assert 'href="/reports?period=month&day=2026-11-23"' in page
    before = unescape(reader.get("/reports?period=week&day=16-11-2026").text)
    assert 'href="/reports?period=week&day=2026-11-23" rel="next"' in before
    assert "Without a report: 1 (21 Nov)." in before
    assert 'rel="prev"' in before
    assert "The first day with a report is 15 Nov." in reader.get(f"/reports?period=month&day={DAY}").text
    assert reader.get("/reports?period=month&day=2027-05-01").status_code == 400


@pytest.mark.wide
def test_page_of_a_period_costs_the_same_for_any_length(reported):
    reader = signed_in(reported, "desk")
    reader.get(f"/reports?period=week&day={DAY}")  # what is compiled once
    costs = [cost(reported, reader, f"/reports?period={kind}&day={DAY}") for kind in ("week", "year")]
    assert costs[0] == costs[1]
    assert (costs[0][0], costs[0][2]) == (3, 1)  # one looks the session up, one counts who asks for slow work
    assert costs[0][1] <= MOST


def test_page_of_a_period_before_the_first_report_says_so(service):
    assert "no report yet" in signed_in(service, "reader").get("/reports?period=year").text
