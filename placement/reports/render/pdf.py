"""The report as a tagged PDF (PDF/UA-1), up to four pages of A4 that can be printed without colours."""

from importlib import resources

import msgspec
import typst

from placement.reports.model import Report
from placement.reports.render.layout import lay_out
from placement.text.messages import Language


def pdf_of(report: Report, language: Language) -> bytes:
    """Returns the PDF. The same report gives the same bytes: its date is the report's moment, not the printing time."""
    template = resources.files("placement.reports.render").joinpath("report.typ").read_bytes()
    facts = {**msgspec.to_builtins(lay_out(report, language)), "on": report.on.isoformat()}
    return typst.compile(
        template,
        sys_inputs={"facts": msgspec.json.encode(facts).decode()},
        ignore_system_fonts=True,
        pdf_standards=["ua-1"],
        timestamp=int(report.as_of.timestamp()),
    )
