"""The catalogue: every text in every language, no surplus text, the same facts in each, and no language by name."""

import ast
import re
import shutil
import string
from collections import Counter
from pathlib import Path
from typing import Annotated

import pytest
from pydantic import BaseModel

from api.pages.fact_fields import fields_of
from placement.reports.model import View
from placement.tables.facts import Fact, ProfileSection
from placement.text import catalogue
from placement.text.catalogue import languages, ntranslate, translate, translations
from tests.support.catalogue_ids import (
    PRODUCT,
    calls,
    constants,
    counted,
    forms,
    ids_of_pages,
    ids_of_tables,
    messages,
    words_of_boxes,
)
from tests.support.syntax import nodes_in

KNOWN = messages(catalogue.DEFAULT)
OF_PAGES = {one for one in KNOWN if one[0] in {None, "log"}}
SENTENCES = {one for one in KNOWN if one[0] is None}
"""Of pages: the id is the English text, and the English file does not repeat it."""
OF_ENGINE = {one for one in KNOWN if one[0] == "engine"}
"""Ids whose text is English here too; the file lists them, as an unknown id is an error."""
BY_THEIR_USE = ("error", "status", "report", "proposal", "init", "reading", "release")
PLURALS = sorted((one for one, message in KNOWN.items() if message.pluralizable), key=str)


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)\w", text)) or {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", languages())
def test_file_of_a_language_has_each_text_once(language):
    """A reader of the format takes the last entry without a warning."""
    file = Path(str(catalogue.__file__)).parent / "locale" / f"{language}.po"
    entries = re.findall(r'^(?:msgctxt "(.*)"\n)?msgid "(.+)"$', file.read_text(), re.MULTILINE)
    assert len(entries) > 1000
    assert [one for one, times in Counter(entries).items() if times > 1] == []


def test_languages_are_the_files_with_the_default_first():
    assert languages() == ("nl", "en")
    assert catalogue.SOURCE in languages()


@pytest.mark.parametrize("language", languages())
def test_every_language_has_every_text(language):
    found, is_source = messages(language), language == catalogue.SOURCE
    assert found.keys() == KNOWN.keys() - (SENTENCES if is_source else set())
    own = {one for one, message in found.items() if message.string and all(message.string)}
    assert own == found.keys() - (OF_ENGINE if is_source else set())
    assert [one for one in found if any(text != text.strip() for text in forms(language, one) if "{" not in text)] == []


@pytest.mark.parametrize("language", languages())
def test_every_language_has_the_same_placeholders(language):
    for one in KNOWN:
        ours = {frozenset(placeholders(text)) for text in forms(language, one)}
        assert ours == {frozenset(placeholders(text)) for text in forms(catalogue.SOURCE, one)}, one


@pytest.mark.wide
def test_text_that_is_asked_for_by_a_number_has_plural_forms():
    """Without them gettext answers with the id: a reader was shown a code."""
    asked = set(counted())
    assert ("proposal", "given") in asked
    assert asked - set(PLURALS) == set()


def test_box_of_what_is_true_unless_said_asks_for_its_words():
    class Model(BaseModel):
        quiet: Annotated[bool, Fact("-", ProfileSection.OFFER)] = False
        garden: Annotated[bool, Fact("-", ProfileSection.OFFER)] = True

    assert words_of_boxes(fields_of(Model, "profile")) == [("profile", "quiet"), ("profile.not", "garden")]


@pytest.mark.parametrize("language", languages())
def test_every_error_is_a_sentence(language):
    said = {one[1]: forms(language, one)[0] for one in KNOWN if one[0] == "error"}
    assert [code for code, text in said.items() if text[-1] not in ".!?"] == []


def test_no_text_assumes_the_gender_of_a_person():
    """Only English is searched: in Dutch, `zij` and `haar` refer to a thing as well."""
    assumes = re.compile(r"\b(she|her|hers|herself|he|him|his|himself)\b", re.IGNORECASE)
    assert [one for one in KNOWN if any(assumes.search(text) for text in forms(catalogue.SOURCE, one))] == []


@pytest.mark.wide
def test_every_text_of_a_template_is_known_and_no_other():
    assert ids_of_pages() == OF_PAGES


@pytest.mark.wide
def test_every_text_of_the_code_is_known_and_no_other():
    asked = ids_of_tables() | {one for one, _ in calls()}
    assert asked - set(KNOWN) == set()
    assert {one for one in set(KNOWN) - asked - OF_PAGES if one[0] not in BY_THEIR_USE} == set()


@pytest.mark.wide
def test_every_call_brings_the_facts_of_its_text_and_no_other():
    found = [(one, facts) for one, facts in calls() if None not in facts]
    assert len(found) > 8
    wanted = {one: set().union(*map(placeholders, forms(catalogue.SOURCE, one))) for one, _ in found}
    assert [one for one, facts in found if facts != wanted[one]] == []


def test_every_text_that_is_named_where_it_is_used_is_named():
    prefixes = r"^(table|section|view)_"
    named = constants() | set(View)
    left = [one for one in KNOWN if one[0] in BY_THEIR_USE and not {one[1], re.sub(prefixes, "", one[1])} & named]
    assert left == []


def test_unknown_id_is_an_error_in_every_language():
    for language in languages():
        with pytest.raises(KeyError, match="no_such_code"):
            translate("error", "no_such_code", language)
        with pytest.raises(KeyError, match="no_such_code"):
            ntranslate("report.code", "no_such_code", 1, language)


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("count", [0, 1, 2])
def test_plural_has_its_form_for_none_one_and_two(language, count):
    assert len(PLURALS) > 15
    for context, code in PLURALS:
        one, more = forms(language, (context, code))
        found = translations(language)
        plural = KNOWN[context, code].id[1]
        said = found.npgettext(context, code, plural, count) if context else found.ngettext(code, plural, count)
        assert said == (one if count == 1 else more), (context, code)


def test_one_bed_and_two_beds_are_said_so():
    said = {
        (n, language): ntranslate("report.code", "room", n, language, beds=n)
        for n in (1, 2)
        for language in languages()
    }
    assert said == {
        (1, "nl"): "kamer met 1 bed", (2, "nl"): "kamer met 2 bedden",
        (1, "en"): "a room with 1 bed", (2, "en"): "a room with 2 beds",
    }  # fmt: skip


def test_a_language_is_added_by_one_file_and_lacks_no_text(tmp_path, monkeypatch):
    """With a file of one text it is offered, and shows English for the rest."""
    for language in languages():
        shutil.copy(catalogue.FOLDER / f"{language}.po", tmp_path)
    head = (catalogue.FOLDER / "en.po").read_text().partition("\n\n")[0].replace("Language: en", "Language: fr")
    (tmp_path / "fr.po").write_text(f'{head}\n\nmsgctxt "rule"\nmsgid "age"\nmsgstr "âge"\n')
    monkeypatch.setattr(catalogue, "FOLDER", tmp_path)
    assert languages() == ("nl", "en", "fr")
    assert translate("rule", "age", "fr") == "âge"
    assert translate("rule", "rooms", "fr") == "rooms and beds"
    assert translations("fr").gettext("My rooms") == "My rooms"


# nothing beside the catalogue


@pytest.mark.wide
def test_no_code_asks_for_a_language_by_its_name():
    names = set(languages())
    found = [
        f"{path.name}:{node.lineno}"
        for path in PRODUCT
        for node in nodes_in(path.read_text())
        if (isinstance(node, ast.Compare) and names & _texts_in([node.left, *node.comparators]))
        or (isinstance(node, ast.MatchValue) and names & _texts_in([node.value]))
        or (isinstance(node, ast.Dict) and names & _texts_in([key for key in node.keys if key]))
        or (isinstance(node, ast.Subscript) and names & _texts_in([node.slice]))
    ]
    assert found == []


@pytest.mark.wide
def test_no_code_has_a_text_in_two_languages():
    """No pair of sentences, no field or fact that is named as a language."""
    names = set(languages())
    found = []
    for path in PRODUCT:
        for node in nodes_in(path.read_text()):
            match node:
                case ast.AnnAssign(target=ast.Name(id=name)) | ast.arg(arg=name):
                    found += [f"{path.name}:{node.lineno} {name}"] if name in names else []
                case ast.Call(func=called, keywords=keywords) if not ast.unparse(called).endswith(".echo"):
                    found += [f"{path.name}:{node.lineno} {one.arg}" for one in keywords if one.arg in names]
                case ast.Tuple(elts=[ast.Constant(value=str(one)), ast.Constant(value=str(other)), *_]):
                    dutch = {text for text in (one, other) if _is_dutch(text)}
                    found += [f"{path.name}:{node.lineno} {one}"] if len(dutch) == 1 and " " in one + other else []
    assert found == []


def _texts_in(nodes: list[ast.expr]) -> set[object]:
    grouped = (node.elts if isinstance(node, ast.Tuple | ast.Set | ast.List) else [node] for node in nodes)
    return {part.value for parts in grouped for part in parts if isinstance(part, ast.Constant)}


def _is_dutch(text: str) -> bool:
    words = set(re.findall(r"\w+", text.lower()))
    return bool(words & {"een", "het", "niet", "van", "geen", "wordt", "zij", "naar", "wacht", "uit", "bij", "aan"})
