"""The page of the library: it begins with the import, and its code prints what it shows."""

import doctest

from tests.support.paths import ROOT

PAGE = ROOT / "docs" / "guide" / "library.md"


def run(text):
    """Returns the number of failed and of tried examples; fences are no output."""
    code = text.replace("```pycon\n", "").replace("\n```\n", "\n\n")
    runner = doctest.DocTestRunner()
    return runner.run(doctest.DocTestParser().get_doctest(code, {}, PAGE.name, None, 0))


def test_the_page_begins_with_the_import():
    code = [line for line in PAGE.read_text().splitlines() if line.startswith((">>>", "..."))]
    assert code[0] == ">>> import matching"


def test_the_code_of_the_page_prints_what_it_shows():
    failed, tried = run(PAGE.read_text())
    assert failed == 0
    assert tried >= 15


def test_a_wrong_output_is_found(capsys):
    failed, _ = run(PAGE.read_text().replace("('optimal', 364000, 364000)", "('optimal', 364000, 364001)"))
    assert failed == 1
    assert "364001" in capsys.readouterr().out
