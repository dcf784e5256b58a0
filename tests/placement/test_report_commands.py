"""`placement report`: each form by hand, and what is said of a wrong day or role; in this process, to be quick."""

import io

import pytest
from pypdf import PdfReader
from story import AT, one_store

from placement.acting import SYSTEM, Act
from placement.report import storing
from placement.report.shape import Report
from tests.placement.test_commands import run

pytestmark = one_store
__all__ = ["run"]
DAY = AT.date().isoformat()


@pytest.mark.parametrize("form", ["json", "html", "pdf", "csv"])
def test_each_form_of_the_day_is_written(town, run, tmp_path, form):
    with town.database.transaction() as session:
        storing.make(Act(session, SYSTEM, AT, town.settings), AT.date())
    file = tmp_path / f"report.{form}"
    done = run("report", "--on", DAY, "--as", "desk", "--format", form, "--output", str(file))
    assert done.exit_code == 0, done.output
    content = file.read_bytes()
    if form == "json":
        assert Report.model_validate_json(content).on.isoformat() == DAY
    elif form == "html":
        assert content.startswith(b"<!doctype html>")
        assert b'lang="nl"' in content
    elif form == "pdf":
        assert len(PdfReader(io.BytesIO(content)).pages) >= 1
    else:
        assert content.count(b"\n") > 50
