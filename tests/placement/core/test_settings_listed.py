"""Whoever runs the service finds every setting in one table."""

import re
from pathlib import Path

ROOT = next(folder for folder in Path(__file__).parents if (folder / "pyproject.toml").exists())
NAME = re.compile(r"PLACEMENT_[A-Z_]+[A-Z]")


def test_table_of_settings_lists_each_setting_and_no_other():
    read = set(NAME.findall((ROOT / "placement" / "core" / "settings.py").read_text()))
    [page] = (ROOT / "docs").rglob("operation.md")
    listed = {
        name
        for row in page.read_text().splitlines()
        if row.startswith("| `")
        for name in NAME.findall(row.split("|")[1])
    }
    assert len(read) > 25
    assert listed == read
