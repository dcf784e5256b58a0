"""The report as HTML: a fragment for a page of the service, and a whole file for the command line."""

from collections.abc import Sequence
from importlib import resources

import jinja2
from markupsafe import Markup

from placement.needs.model import NeedReport
from placement.reports.model import Report
from placement.reports.periods.model import PeriodReport
from placement.reports.render.brief import Block
from placement.reports.render.chart import bars
from placement.reports.render.layout import Layout, lay_out
from placement.reports.render.letter import lay_out_letter
from placement.reports.render.period import lay_out_period
from placement.reports.week import WaitingDay
from placement.text.messages import Language

_TEMPLATES = jinja2.Environment(
    loader=jinja2.FunctionLoader(
        lambda name: resources.files("placement.reports.render").joinpath(name).read_text("utf-8")
    ),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters["drawn"] = Markup  # a chart of `chart.py`, which contains figures only and no user's text


def picture_of(series: Sequence[int | None], most: int | None = None) -> Markup:
    """Returns the chart of these figures, for a page of the service."""
    return Markup(bars(series, most))  # noqa: S704  (as above)


def fragment_of(
    report: Report,
    language: Language,
    *,
    exact: bool = False,
    whole: bool = False,
    brief: Sequence[Block] = (),
    week: Sequence[WaitingDay] = (),
) -> Markup:
    """Returns the report without a page around it. Headings begin at level 1, and there are no inline styles. `whole`:
    long tables are shown open. `exact`, `week`: as in `lay_out`. `brief`: the blocks at the beginning.
    """
    return fragment_of_layout(lay_out(report, language, exact=exact, week=week), whole=whole, brief=brief)


def fragment_of_period(report: PeriodReport, language: Language, *, exact: bool = False) -> Markup:
    """Returns the report of a period as a fragment, in the form of `fragment_of`."""
    return fragment_of_layout(lay_out_period(report, language, exact=exact))


def fragment_of_letter(found: NeedReport, language: Language) -> Markup:
    """Returns the letter of a period as a fragment, in the form of `fragment_of`."""
    return fragment_of_layout(lay_out_letter(found, language), whole=True)


def fragment_of_layout(told: Layout, *, whole: bool = False, brief: Sequence[Block] = ()) -> Markup:
    """Returns any text with a layout as a fragment, in the form of `fragment_of`."""
    template = _TEMPLATES.get_template("report.html")
    return Markup(template.render(report=told, whole=whole, brief=brief))  # noqa: S704  (the template escapes texts)


def document_of(report: Report, language: Language) -> str:
    """Returns a complete HTML file that can be opened or printed without other files."""
    return _TEMPLATES.get_template("document.html").render(
        language=language, title=lay_out(report, language).title, report=fragment_of(report, language, whole=True)
    )
