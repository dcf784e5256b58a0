"""No file of code has more than 400 lines: above that it is to be split."""

import pytest

from tests.support.paths import ROOT

LONGEST = 400
GREW_ONCE = {"placement/migrations/versions/0069_baseline.py"}  # every table once


def too_long(root):
    folders = ("api", "bench", "fixtures", "matching", "placement", "tests")
    found = (file for folder in folders for file in (root / folder).rglob("*"))
    files = (file for file in found if file.suffix in {".py", ".css", ".js", ".html"} and "vendor" not in file.parts)
    lengths = {str(file.relative_to(root)): len(file.read_text().splitlines()) for file in files}
    return {name: lines for name, lines in lengths.items() if lines > LONGEST and name not in GREW_ONCE}


def test_file_length_of_the_project_is_within_the_limit():
    assert too_long(ROOT) == {}


@pytest.mark.parametrize("name", ["api/long.py", "api/long.css"])
def test_file_length_one_line_too_many_is_found(tmp_path, name):
    (tmp_path / "api").mkdir()
    for lines, found in ((LONGEST, {}), (LONGEST + 1, {name: LONGEST + 1})):
        (tmp_path / name).write_text("a\n" * lines)
        assert too_long(tmp_path) == found
