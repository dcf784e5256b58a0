"""The description of the API can be read by people and by generators: names that stay, words, tags, who runs it."""

import json
import re
from itertools import chain

import pytest
from jsonschema_rs import Registry, validator_for

from api.description import description
from api.http.field_words import EXTENSIBLE, WORDS
from api.http.openapi import API_VERSION
from placement.core.setting_parts import Contact

HERE = "urn:description"
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
    assert shared.client.get("/api/v1/openapi.json").json() == described


@pytest.mark.wide
def test_operation_has_a_summary_of_its_own_and_a_sentence(operations):
    summaries = [one["summary"] for one in operations]
    assert len(summaries) == len(set(summaries))
    for one in operations:
        assert re.fullmatch(r"[A-Z][a-zA-Z:,' -]{7,49}", one["summary"]), one["summary"]
        assert " " in one["summary"], one["summary"]
        assert re.search(r"\.$", one["description"].strip()), one["operationId"]
        assert len(one["description"].split()) > 3, one["operationId"]


@pytest.mark.wide
def test_tag_is_declared_once_with_a_description_and_used(described, operations):
    declared = [one["name"] for one in described["tags"]]
    assert len(declared) == len(set(declared))
    assert {tag for one in operations for tag in one["tags"]} == set(declared)
    for one in described["tags"]:
        assert re.fullmatch(r"[A-Z][A-Za-z-]+", one["name"])
        assert len(one["description"].split()) > 3


def examples_of(operation):
    """Yields the schema and the example of each JSON body of an operation: `request` or `answer`, schema, example."""
    parts = [
        ("request", operation.get("requestBody", {})),
        *(("answer", one) for one in operation["responses"].values()),
    ]
    for kind, part in parts:
        for media_type, content in part.get("content", {}).items():
            if "json" in media_type and "example" in content:
                yield kind, content["schema"], content["example"]


@pytest.mark.wide
def test_each_operation_has_an_example_that_its_schema_allows(described):
    """`tests/api/contract/` sends each of them."""
    known = Registry([(HERE, {"components": {"schemas": described["components"]["schemas"]}})])
    for path, methods in described["paths"].items():
        for operation in methods.values():
            found = list(examples_of(operation))
            kinds = {kind for kind, _, _ in found}
            takes_json = "application/json" in operation.get("requestBody", {}).get("content", {})
            assert ("request" in kinds) == takes_json, path
            good = [one for status, one in operation["responses"].items() if status[0] == "2"]
            assert "answer" in kinds or not any("application/json" in one.get("content", {}) for one in good), path
            for _, schema, example in found:
                written = json.loads(json.dumps(schema).replace('"#/', f'"{HERE}#/'))
                found = [error.message for error in validator_for(written, registry=known).iter_errors(example)]
                assert found == [], path


def fields_of(described):
    schemas = described["components"]["schemas"]
    return {
        f"{model}.{name}": field for model, one in schemas.items() for name, field in one.get("properties", {}).items()
    }


def test_each_field_has_a_description_and_each_line_a_field(described):
    fields = fields_of(described)
    assert [name for name, field in fields.items() if not field.get("description")] == []
    used = {field["description"] for field in fields.values()}
    assert [name for name, words in {**WORDS["any"], **WORDS["of"]}.items() if words not in used] == []
    assert [name for name in WORDS["of"] if name not in fields] == []
    long = [words for table in ("any", "of") for words in WORDS[table].values() if len(words.split()) > 25]
    assert long == []


def test_field_of_codes_lists_them(described):
    fields = fields_of(described)
    names = {name for listed in WORDS["codes"].values() for name in listed}
    assert [name for name in names if EXTENSIBLE not in json.dumps(fields[name])] == []
    enums = [one for one in described["components"]["schemas"].values() if "enum" in one]
    assert len(enums) > 60
    assert all(one[EXTENSIBLE] == one["enum"] for one in enums)


def test_description_uses_the_words_of_the_field(described):
    found = list(words_in(described))
    assert len(found) > 300
    assert [one for one in found if NOT_OURS.search(one)] == []


def test_version_is_that_of_the_api(described):
    """The version of the distribution has a number of its own, which may be the same."""
    assert described["info"]["version"] == API_VERSION
    assert re.fullmatch(r"[1-9]\d*\.\d+\.\d+", API_VERSION)


@pytest.mark.wide
def test_contact_is_shown_where_one_is_set_and_else_nothing(described):
    assert "contact" not in described["info"]
    shown = description(Contact(name="Placement desk", email="desk@placement.example"))["info"]["contact"]
    assert shown == {"name": "Placement desk", "email": "desk@placement.example"}
