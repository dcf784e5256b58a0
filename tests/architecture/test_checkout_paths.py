"""Texts of the product name no path of a checkout, which an installation from a wheel does not have. Guides are named
by their page, and exist.
"""

import ast
import re

import pytest

from tests.support.paths import ROOT
from tests.support.syntax import nodes_in

PATH = re.compile(r"\.venv/|(?<![\w/])docs/")
GUIDE = re.compile(r"\((?:guide|gids): ([\w-]+)\)")
FOR_DEVELOPERS = {"api/access_table.py"}  # writes a table of the guides
CATALOGUES = sorted((ROOT / "placement" / "text" / "locale").glob("*.po"))


def texts_of(source, *, help_too):
    """Yields the strings of a module. Docstrings are for developers, except those of commands, which are their help."""
    docstrings = {id(node.value) for node in nodes_in(source) if isinstance(node, ast.Expr)}
    if help_too:
        docstrings -= {
            id(getattr(node.body[0], "value", None)) for node in nodes_in(source) if isinstance(node, ast.FunctionDef)
        }
    for node in nodes_in(source):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


@pytest.mark.wide
def test_texts_of_the_product_name_no_path_of_a_checkout():
    found = {
        f"{file.relative_to(ROOT)}: {text}"
        for package in ("api", "matching", "placement")
        for file in sorted((ROOT / package).rglob("*.py"))
        if str(file.relative_to(ROOT)) not in FOR_DEVELOPERS and "migrations" not in file.parts
        for text in texts_of(file.read_text(), help_too=file.parent.name == "cli" or file.name == "cli.py")
        if PATH.search(text)
    }
    others = [*CATALOGUES, *(ROOT / "placement").rglob("*.toml"), *(ROOT / "api" / "templates").rglob("*.html")]
    found |= {str(file.relative_to(ROOT)) for file in others if PATH.search(written(file))}
    assert found == set()


def written(file):
    """Returns a file without its comments."""
    return "\n".join(line for line in file.read_text().splitlines() if not line.startswith("#"))


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda file: file.stem)
def test_guide_that_a_text_names_exists(catalogue):
    named = set(GUIDE.findall(catalogue.read_text()))
    assert {name for name in named if not (ROOT / "docs" / "guide" / f"{name}.md").exists()} == set()
    assert len(named) > 5


def test_planted_path_is_found_and_docstrings_are_not_looked_at():
    source = '"""docs/a.md"""\nX = "see docs/b.md"\n"""docs/c.md"""\n\n\ndef f():\n    """docs/d.md"""\n'
    assert [text for text in texts_of(source, help_too=False) if PATH.search(text)] == ["see docs/b.md"]
    assert [text for text in texts_of(source, help_too=True) if PATH.search(text)] == ["see docs/b.md", "docs/d.md"]
