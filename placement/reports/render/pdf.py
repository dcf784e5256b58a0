"""The report as a tagged PDF (PDF/UA-1). It has up to four pages of A4, and can be printed without colours."""

from datetime import date, datetime
from importlib import resources
from importlib.util import find_spec

import msgspec

from placement.core.clock import start_of
from placement.core.errors import Conflict
from placement.needs.model import NeedReport
from placement.reports.model import Report
from placement.reports.render.layout import Layout, lay_out
from placement.reports.render.letter import lay_out_letter
from placement.text.messages import Language


def is_installed() -> bool:
    """Checks whether the extra `pdf` is installed."""
    return find_spec("typst") is not None


def pdf_of(report: Report, language: Language) -> bytes:
    """Returns the PDF. The same report always gives the same bytes: the date in the PDF is the moment of the report."""
    return pdf_of_layout(lay_out(report, language), report.on, report.as_of)


def pdf_of_letter(found: NeedReport, language: Language) -> bytes:
    """Returns the letter of a period as PDF, dated on the last day of the period."""
    return pdf_of_layout(lay_out_letter(found, language), found.ends_on, start_of(found.ends_on))


def pdf_of_layout(layout: Layout, on: date, at: datetime) -> bytes:
    """Returns any text with a layout as PDF, dated on this day. Raises `Conflict` if the extra `pdf` is missing."""
    if not is_installed():
        raise Conflict("pdf_not_installed")
    import typst  # noqa: PLC0415 - large, and an extra that may be missing

    template, inputs = typst_source(layout, on)
    return typst.compile(
        template, sys_inputs=inputs, ignore_system_fonts=True, pdf_standards=["ua-1"], timestamp=int(at.timestamp())
    )


def typst_source(layout: Layout, on: date) -> tuple[bytes, dict[str, str]]:
    """Returns the Typst template and its inputs, from which a PDF or pictures are made."""
    template = resources.files("placement.reports.render").joinpath("report.typ").read_bytes()
    facts = {**msgspec.to_builtins(layout), "on": on.isoformat()}
    return template, {"facts": msgspec.json.encode(facts).decode()}
