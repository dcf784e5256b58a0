"""The report as a tagged PDF (PDF/UA-1). It has up to four pages of A4, and can be printed without colours."""

from importlib import resources

import msgspec
import typst

from placement.reports.model import Report
from placement.reports.render.layout import lay_out
from placement.text.messages import Language


def pdf_of(report: Report, language: Language) -> bytes:
    """Returns the PDF. The same report gives the same bytes, because the date in the PDF is the moment of the report,
    not the time of printing.
    """
    template = resources.files("placement.reports.render").joinpath("report.typ").read_bytes()
    facts = {**msgspec.to_builtins(lay_out(report, language)), "on": report.on.isoformat()}
    return typst.compile(
        template,
        sys_inputs={"facts": msgspec.json.encode(facts).decode()},
        ignore_system_fonts=True,
        pdf_standards=["ua-1"],
        timestamp=int(report.as_of.timestamp()),
    )
