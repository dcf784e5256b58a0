"""The papers in docs/adopt: their generated parts are current, and their answers name what exists."""

import importlib.util

import pytest
from pydantic import ValidationError

from tests.support.papers import pages, requirements
from tests.support.papers.requirements import LISTS, Answer, absent_files, chapters, chapters_of, ids, levels
from tests.support.paths import ROOT

CONTROLS = {5: 37, 6: 8, 7: 14, 8: 34}
"""The number of the last control of each chapter of ISO 27002:2022."""


@pytest.mark.parametrize("name", pages.PARTS)
def test_generated_part_of_a_paper_is_current(name):
    page = pages.page_of(name).read_text()
    assert page == pages.with_part(name, page), "run: python -m tests.support.papers"


@pytest.mark.parametrize("name", LISTS)
def test_each_test_and_document_of_an_answer_exists(name):
    assert absent_files(chapters(name)) == []
    assert len(ids(name)) == len(set(ids(name))) > 10


@pytest.mark.parametrize("name", [name for name in LISTS if levels(name)])
def test_list_has_each_requirement_of_levels_1_and_2_once(name):
    level_of = levels(name)
    assert sorted(ids(name)) == sorted(one for one, level in level_of.items() if level <= 2)


def test_asvs_and_wcag_have_as_many_requirements_as_published():
    counts = {name: [list(levels(name).values()).count(level) for level in (1, 2, 3)] for name in ("asvs", "wcag")}
    assert counts == {"asvs": [70, 183, 92], "wcag": [31, 24, 31]}


def test_controls_are_the_93_of_iso_27002():
    numbers = [one for one in ids("controls") if not one.startswith("75")]
    assert numbers == [f"{chapter}.{n}" for chapter, last in CONTROLS.items() for n in range(1, last + 1)]


def test_answer_follows_from_what_is_beside_it():
    text = (
        '[one]\n"1" = {what = "a", by = ["README.md"]}\n"2" = {what = "a", why = "b"}\n"3" = {what = "a", open = "b"}\n'
    )
    found = chapters_of(text)
    assert [row.answer for row in found["one"].values()] == list(Answer)
    assert absent_files(found) == []


@pytest.mark.parametrize(
    "row", ['{what = "a"}', '{what = "a", why = "b", open = "c"}', '{what = "a", since = "b", why = "c"}']
)
def test_answer_without_a_ground_or_with_two_is_refused(row):
    with pytest.raises(ValidationError):
        chapters_of(f'[one]\n"1" = {row}\n')


def test_file_that_is_absent_is_found():
    found = chapters_of('[one]\n"1" = {what = "a", by = ["tests/test_nothing.py", "README.md"]}\n')
    assert absent_files(found) == ["1: tests/test_nothing.py"]


def test_row_that_is_missing_makes_a_page_out_of_date(monkeypatch):
    page = pages.page_of("dpia.md").read_text()
    monkeypatch.setattr("tests.support.papers.processing.FACTS", {})
    assert pages.with_part("dpia.md", page) != page


def test_folder_of_the_lists_is_that_of_the_pages():
    assert {file.stem for file in requirements.FOLDER.glob("*.toml")} == set(LISTS)


@pytest.mark.parametrize("name", LISTS)
def test_texts_of_a_list_are_plain_english(name):
    spec = importlib.util.spec_from_file_location("prose", ROOT / ".ci" / "prose.py")
    prose = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(prose)
    rows = [row for chapter in chapters(name).values() for row in chapter.values()]
    assert [text for row in rows for text in (row.what, row.why, row.open) if list(prose.faults(text))] == []
