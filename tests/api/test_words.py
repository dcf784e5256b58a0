"""Every problem has its words, in Dutch and in English, with the same facts in them."""

import re
from pathlib import Path
from string import Formatter

import pytest

from placement.text.messages import _MESSAGES, known_codes

ROOT = Path(__file__).parents[2]
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


def test_every_code_that_is_raised_has_words():
    assert len(raised()) > 50
    assert raised() <= known_codes()


@pytest.mark.parametrize("code", sorted(_MESSAGES))
def test_both_languages_say_it_with_the_same_facts(code):
    nl, en = _MESSAGES[code]
    assert nl != en
    assert nl[-1] in ".!?"
    assert en[-1] in ".!?"
    assert _facts(nl) == _facts(en)


def _facts(words: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(words) if name}
