"""The description of the API can be read by people and by generators: names that stay, words, tags, who runs it."""

import gzip
import json
import re
import tomllib
from itertools import chain

import pytest

from api.description import description
from api.http.openapi import API_VERSION
from placement.core.setting_parts import Contact
from tests.support.paths import ROOT

RELEASES = (ROOT / "deploy" / "releases").iterdir()
NEWEST = max(RELEASES, key=lambda release: [int(part) for part in release.name.split(".")])
GONE = """
    answer_change_request answer_legal_hold grant_approval grant_leave grant_rotation grant_rule_change list_approvals
    list_change_requests list_leave_requests list_rule_changes withdraw_approval withdraw_leave withdraw_rotation
    withdraw_rule_change import_register
"""
"""The operations of the newest release that are no more, or have another name; each is in the changelog."""
NOT_OURS = re.compile(r"\b(she|her|hers|he|his|him|askings|break(ing)? the glass)\b", re.IGNORECASE)


@pytest.fixture(scope="module")
def described():
    return description()


@pytest.fixture(scope="module")
def operations(described):
    return [
        one
        for methods in chain(described["paths"].values(), described["webhooks"].values())
        for one in methods.values()
    ]


def ids_in(described):
    return [one["operationId"] for methods in described["paths"].values() for one in methods.values()]


def words_in(part):
    if isinstance(part, dict):
        for name, inner in part.items():
            if name in {"description", "summary"} and isinstance(inner, str):
                yield inner
            else:
                yield from words_in(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from words_in(inner)


@pytest.mark.wide
def test_description_without_a_service_equals_the_served_one(shared, described):
    assert shared.client.get("/schema/openapi.json").json() == described


@pytest.mark.wide
def test_operation_keeps_the_id_that_it_was_published_with(described):
    ids = ids_in(described)
    assert len(ids) == len(set(ids))
    published = set(ids_in(json.loads(gzip.decompress((NEWEST / "openapi.json.gz").read_bytes()))))
    assert published - set(ids) == set(GONE.split())


@pytest.mark.wide
def test_operation_has_a_summary_of_its_own_and_a_sentence(operations):
    summaries = [one["summary"] for one in operations]
    assert len(summaries) == len(set(summaries))
    for one in operations:
        assert re.fullmatch(r"[A-Z][a-zA-Z:,' -]{7,49}", one["summary"]), one["summary"]
        assert " " in one["summary"], one["summary"]
        assert re.search(r"\.$", one["description"].strip()), one["operationId"]
        assert len(one["description"].split()) > 3, one["operationId"]


def test_tag_is_declared_once_with_a_description_and_used(described, operations):
    declared = [one["name"] for one in described["tags"]]
    assert len(declared) == len(set(declared))
    assert {tag for one in operations for tag in one["tags"]} == set(declared)
    for one in described["tags"]:
        assert re.fullmatch(r"[A-Z][A-Za-z-]+", one["name"])
        assert len(one["description"].split()) > 3


def test_description_uses_the_words_of_the_field(described):
    found = list(words_in(described))
    assert len(found) > 300
    assert [one for one in found if NOT_OURS.search(one)] == []


def test_version_is_that_of_the_api_and_not_of_the_distribution(described):
    distribution = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert described["info"]["version"] == API_VERSION != distribution
    assert re.fullmatch(r"[1-9]\d*\.\d+\.\d+", API_VERSION)


@pytest.mark.wide
def test_contact_is_shown_where_one_is_set_and_else_nothing(described):
    assert "contact" not in described["info"]
    shown = description(Contact(name="Placement desk", email="desk@placement.example"))["info"]["contact"]
    assert shown == {"name": "Placement desk", "email": "desk@placement.example"}
