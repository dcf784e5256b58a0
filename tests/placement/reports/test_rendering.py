"""The report as people read it: the same figures in the PDF, on the page and in the data, in two languages."""

import html
import io
import re
import sys

import pytest
from pypdf import PdfReader

from placement.core.errors import Conflict
from placement.reports.model import Counted, Report
from placement.reports.render.chart import BAR, GAP, HEIGHT, bars, spread
from placement.reports.render.html import document_of, fragment_of
from placement.reports.render.layout import lay_out
from placement.reports.render.pdf import pdf_of
from placement.text.catalogue import languages
from tests.support.reports.sample_report import report


@pytest.fixture(scope="module", params=languages())
def language(request):
    return request.param


@pytest.fixture(scope="module")
def pdf(language):
    return PdfReader(io.BytesIO(pdf_of(report(13), language)))


@pytest.mark.wide
def test_the_paper_has_one_to_four_pages_and_is_tagged(pdf, language):
    root = pdf.trailer["/Root"]
    assert 1 <= len(pdf.pages) <= 4
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == language
    assert pdf.metadata.title == lay_out(report(), language).title


@pytest.mark.wide
def test_a_country_of_sixty_units_fits_in_four_pages(language):
    assert len(PdfReader(io.BytesIO(pdf_of(report(20), language))).pages) <= 4


@pytest.mark.wide
def test_every_layout_text_is_in_the_pdf_and_on_the_page(pdf, language):
    said = lay_out(report(13), language)
    paper = _plain("".join(page.extract_text() for page in pdf.pages))
    page = _plain(html.unescape(re.sub(r"<[^>]*>", " ", fragment_of(report(13), language))))
    texts = [said.title, said.lead, said.foot, *_texts(said)]
    assert len(texts) > 500
    assert [text for text in texts if _plain(text) not in paper] == []
    on_page = [said.title, said.lead, said.foot, *_texts(said, paper=False)]
    assert [text for text in on_page if _plain(text) not in page] == []


def test_every_bed_of_a_unit_is_read_back_from_its_row():
    told = lay_out(report(2), "en")
    table = next(table for part in told.sections for table in part.tables if table.wide)
    rows = [row for row in table.rows if not row.over]
    units = [unit for shelter in report(2).shelters for unit in shelter.units]
    assert [[cell.text for cell in row.cells[1:7]] for row in rows] == [
        [str(n) for n in (u.beds, u.used, u.used_by_others, u.held, u.out_of_service, u.free)] for u in units
    ]


def test_unit_and_shelter_have_their_names_and_no_id():
    told = {part.code: part for part in lay_out(report(2), "en").sections}
    headings = [row.cells[0].text for table in told["places"].tables for row in table.rows if row.over]
    units = {unit.unit: unit.name for shelter in report(2).shelters for unit in shelter.units}
    [named] = [table for table in told["waiting"].tables if "extra place" in table.caption]
    assert [row.cells[0].text for row in named.rows] == [f"{units['U004']}, Opvang 1", f"{units['U001']}, Opvang 0"]
    assert [heading.partition(":")[0] for heading in headings] == ["Opvang 0", "Opvang 1"]
    [lacking] = told["quality"].tables
    assert [cell.text for cell in lacking.rows[-1].cells][2] == f"{units['U001']}, Opvang 0, {units['U005']}, Opvang 1"


@pytest.mark.wide
def test_report_without_the_extra_pdf_is_refused_by_name(monkeypatch):
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(Conflict) as refused:
        pdf_of(report(), "en")
    assert refused.value.code == "pdf_not_installed"


def test_rendering_is_deterministic(language):
    assert pdf_of(report(), language) == pdf_of(report(), language)


def test_empty_report_is_rendered(language):
    empty = report(0)
    bare = Report.model_validate(
        {
            **empty.model_dump(),
            "waiting": {
                **empty.waiting.model_dump(),
                "by_urgency": (),
                "by_cause": (),
                "bottlenecks": (),
                "median_days": None,
            },
            "expecting": {**empty.expecting.model_dump(), "by_kind": (), "came_out": (), "within": None},
        }
    )
    assert len(PdfReader(io.BytesIO(pdf_of(bare, language))).pages) == 1 or document_of(bare, language)


@pytest.mark.wide
def test_name_like_markup_is_escaped():
    odd = report().model_copy(
        update={"shelters": (report().shelters[0].model_copy(update={"name": "<b>*a*_b_#c</b>"}),)}
    )
    assert "<b>" not in fragment_of(odd, "en")
    pages = PdfReader(io.BytesIO(pdf_of(odd, "en"))).pages
    assert "<b>*a*_b_#c</b>" in "".join(page.extract_text() for page in pages)


def test_bar_height_is_its_share_day_without_report_has_none():
    drawn = bars((0, 2, None, 4), most=4)
    heights = re.findall(rf"M(\d+) {HEIGHT}v-(\d+)h{BAR}", drawn)
    step = BAR + GAP
    assert heights == [("0", "1"), (str(step), str(HEIGHT // 2)), (str(3 * step), str(HEIGHT))]
    assert spread((0, 2, None, 4)) == (0, 4)
    assert spread((None, None)) is None


def _texts(said, *, paper=True):
    for part in said.sections:
        yield from (part.title, *part.sentences)
        for table in part.tables:
            if table.paper and not paper:
                continue
            yield from (table.caption, table.note, *table.columns)
            yield from (cell.text for row in table.rows for cell in row.cells if cell.text)


def _plain(text: str) -> str:
    """Without the spaces and hyphens that a line's end makes."""
    return re.sub(r"[\s\u00ad-]+", "", text)


def test_exact_table_of_reasons_names_those_that_occur():
    told = {one.code: one for one in lay_out(_with_one_cause(), "en", exact=True).sections}
    table = next(table for table in told["waiting"].tables if table.columns[0] == "Cause")
    assert [row.cells[1].text for row in table.rows] == ["3"]


def _with_one_cause():
    made = report()
    causes = tuple(Counted(code=code, count=count) for code, count in (("gender", "3"), ("age", "0")))
    return made.model_copy(update={"waiting": made.waiting.model_copy(update={"by_cause": causes})})
