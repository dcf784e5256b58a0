"""Every raised code has a text, and brings the facts that it needs."""

import ast
import string
from pathlib import Path

import pytest

import placement
from matching.rooms import allocation as seating
from placement.core.reason_codes import REASONS, Step, find_reason, reasons_for
from placement.text.catalogue import SOURCE, languages
from placement.text.messages import say
from tests.support.catalogue_ids import forms, messages
from tests.support.syntax import nodes_in

ROOT = Path(placement.__file__).parent.parent
ERRORS = {
    "Unauthenticated", "NotAllowed", "Conflict", "VersionMissing", "VersionPassed", "NotAcceptable", "PlacementError"
}  # fmt: skip
FILES = sorted(path for folder in ("placement", "api") for path in (ROOT / folder).rglob("*.py"))


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def text(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def code_and_facts(call: ast.Call) -> tuple[str | None, set[str] | None]:
    """Returns the code in this call and the names of its facts; `None` if they cannot be read from the source."""
    named = {word.arg for word in call.keywords}
    facts = None if None in named else {str(name) for name in named}
    match call.func:
        case ast.Name(id=name) if name in ERRORS:
            return text(call.args[0]) if call.args else None, facts
        case ast.Attribute(attr="at", value=ast.Name(id="Invalid")):
            return text(call.args[1]), facts
        case ast.Name(id="Fault"):
            given = call.args[2] if len(call.args) > 2 else ast.Dict([], [])
            keys = {str(text(key)) for key in given.keys} if isinstance(given, ast.Dict) else None
            return text(call.args[1]), keys
        case ast.Name(id="problem"):
            return text(call.args[2]) if len(call.args) > 2 else None, None
        case ast.Name(id="Coded"):
            return text(call.args[0]), facts
    return None, None


def raised():
    for path in FILES:
        for node in nodes_in(path.read_text()):
            if isinstance(node, ast.Call):
                code, facts = code_and_facts(node)
                if code is not None:
                    yield f"{path.name}:{node.lineno}", code, facts


def test_every_raised_code_has_a_text():
    found = list(raised())
    assert len(found) > 50
    assert [(where, code) for where, code, _ in found if ("error", code) not in messages(SOURCE)] == []


@pytest.mark.wide
def test_every_code_is_raised_with_the_facts_of_its_text():
    wanting = [
        (where, code, wanted - facts)
        for where, code, facts in raised()
        if facts is not None and not (wanted := fields(forms(SOURCE, ("error", code))[0])) <= facts
    ]
    assert wanting == []


def test_list_fact_is_phrased_as_a_list():
    assert say("reason_missing", {"allowed": ["a", "b"]}, "en") == "Choose a reason: a, b."
    assert say("no_scheme_open", {"rule": "ended", "ground": "Jeugdwet"}, "nl").startswith(
        "Het verblijfsrecht is geëindigd, "
    )


@pytest.mark.parametrize("reason", seating.REASONS)
def test_every_engine_reason_without_a_bed_has_a_text(reason):
    told = [say("rooms_gone", {"why": reason}, language) for language in languages()]
    assert not [said for said in told if reason in said]


def test_a_code_without_words_is_a_fault_of_ours():
    with pytest.raises(KeyError):
        say("no_such_code", {}, "nl")


def test_every_reason_is_unique():
    codes = [reason.code for reason in REASONS]
    assert len(set(codes)) == len(codes)
    assert all(find_reason(code).code == code for code in codes)
    assert find_reason("nonsense") is None


@pytest.mark.parametrize("step", Step)
def test_every_step_has_reasons(step):
    assert len(reasons_for(step)) >= 5


def test_system_reason_cannot_be_chosen():
    of_the_system = [
        "hold_expired",
        "decision_lapsed",
        "decision_refused",
        "decision_withdrawn",
        "superseded",
        "moved_on",
    ]
    assert [reason.code for reason in REASONS if not reason.steps] == of_the_system
