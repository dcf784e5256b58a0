"""Every problem has a text in Dutch and English, with the same placeholders."""

import re
from string import Formatter

import pytest

from placement.text.messages import _MESSAGES, known_codes
from tests.support.paths import ROOT

_RAISED = re.compile(
    r"""(?:Conflict|Unauthenticated|NotAllowed|VersionMissing|VersionPassed|Coded)\(\s*"(\w+)"
      | (?:Fault|Invalid\.at)\(\s*f?"[^"]*"\s*,\s*"(\w+)"
      | (?:Fault|Invalid\.at)\(\s*\w+\s*,\s*"(\w+)"
      | problem\(request,\s*\d+,\s*"(\w+)\"""",
    re.VERBOSE,
)


def raised() -> set[str]:
    files = [*ROOT.glob("placement/**/*.py"), *ROOT.glob("api/**/*.py")]
    return {code for file in files for found in _RAISED.findall(file.read_text()) for code in found if code}


def test_every_raised_code_has_a_text():
    assert len(raised()) > 50
    assert raised() <= known_codes()


@pytest.mark.parametrize("code", sorted(_MESSAGES))
def test_problem_has_the_same_facts_in_both_languages(code):
    nl, en = _MESSAGES[code]
    assert nl != en
    assert nl[-1] in ".!?"
    assert en[-1] in ".!?"
    assert _facts(nl) == _facts(en)


def _facts(words: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(words) if name}
