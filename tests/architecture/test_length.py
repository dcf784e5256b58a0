"""No file of code grows above 400 lines: then something in it wants to be born."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST = 400
GREW_ONCE = {"placement/migrations/versions/0016_baseline.py"}  # every table once


def too_long(root):
    folders = ("api", "bench", "fixtures", "matching", "placement", "tests")
    files = (file for folder in folders for file in (root / folder).rglob("*.py"))
    lengths = {str(file.relative_to(root)): len(file.read_text().splitlines()) for file in files}
    return {name: lines for name, lines in lengths.items() if lines > LONGEST and name not in GREW_ONCE}


def test_no_file_is_too_long():
    assert too_long(ROOT) == {}


@pytest.mark.parametrize(("lines", "found"), [(LONGEST, {}), (LONGEST + 1, {"api/long.py": LONGEST + 1})])
def test_one_line_too_many_is_found(tmp_path, lines, found):
    (tmp_path / "api").mkdir()
    (tmp_path / "api" / "long.py").write_text("pass\n" * lines)
    assert too_long(tmp_path) == found
