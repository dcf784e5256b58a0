"""The promise of the API: a client of the last release goes on working. Each kind of break is detected."""

import gzip
import json
import tomllib

import pytest
from packaging.version import Version

from api.description import description
from api.http.field_words import EXTENSIBLE
from tests.support.api.description_breaks import breaks
from tests.support.paths import ROOT

RECORDS = [tomllib.loads(file.read_text()) for file in (ROOT / "deploy" / "releases").glob("*/release.toml")]
BINDING = Version("1.0.0rc1")
"""The first version whose description binds."""


@pytest.fixture(scope="module")
def described():
    return json.loads(json.dumps(description()))


@pytest.mark.wide
def test_description_breaks_nothing_of_the_last_release(described):
    newest = max((record["version"] for record in RECORDS), key=Version)
    if Version(newest) >= BINDING:
        file = ROOT / "deploy" / "releases" / newest / "openapi.json.gz"
        before = json.loads(gzip.decompress(file.read_bytes()))
        is_new_api = major(described) > major(before)
        assert is_new_api or breaks(before, described) == []


def copied(described):
    return json.loads(json.dumps(described))  # six times as fast as `deepcopy`


def major(described):
    return int(described["info"]["version"].partition(".")[0])


@pytest.mark.wide
def test_description_breaks_nothing_of_itself(described):
    assert breaks(described, described) == []


def schema(described, model):
    return described["components"]["schemas"][model]


def field(described, model, name):
    return schema(described, model)["properties"][name]


def listed(described):
    return schema(described, "Gender")["enum"]


def operation(described, path="/registrations", method="post"):
    return described["paths"][path][method]


def sent(**values):
    return {"name": "from", "in": "query", "schema": {"type": "string"}, **values}


WITHOUT_BODY = "/registrations/{registration_id}/proposals"

BREAKS = {
    "an operation is gone": lambda now: now["paths"]["/registrations"].pop("post"),
    "an operation has another id": lambda now: operation(now).update(operationId="register"),
    "an operation is for persons alone": lambda now: operation(now).update({"x-person-only": True}),
    "a role loses an operation": lambda now: operation(now)["x-roles"].pop("coordinator"),
    "a reach is smaller": lambda now: operation(now)["x-roles"].update(desk="own"),
    "another base address": lambda now: now["servers"][0].update(url="/api/v2"),
    "a parameter is gone": lambda now: operation(now, method="get")["parameters"].pop(0),
    "a parameter is required": lambda now: operation(now)["parameters"].append(sent(required=True)),
    "a body is required": lambda now: operation(now, WITHOUT_BODY).update(requestBody={"required": True}),
    "a good status is gone": lambda now: operation(now)["responses"].pop("201"),
    "a header is gone": lambda now: operation(now)["responses"]["201"]["headers"].pop("ETag"),
    "a form of an answer is gone": lambda now: operation(now, "/needs", "get")["responses"]["200"]["content"].popitem(),
    "a field of an answer is gone": lambda now: schema(now, "StayOut")["properties"].pop("unit"),
    "a field of an answer may be absent": lambda now: schema(now, "StayOut")["required"].remove("unit"),
    "a field of an answer has another type": lambda now: field(now, "StayOut", "unit").update(type="integer"),
    "a field of an answer may be null": lambda now: schema(now, "StayOut")["properties"].update(
        unit={"anyOf": [{"type": "string"}, {"type": "null"}]}
    ),
    "a field of a request is gone": lambda now: schema(now, "RegistrationIn")["properties"].pop("alias"),
    "a field of a request is required": lambda now: schema(now, "RegistrationIn")["required"].append("alias"),
    "a field of a request may not be null": lambda now: field(now, "ReleaseIn", "text")["anyOf"].pop(),
    "a limit is lower": lambda now: field(now, "ReleaseIn", "text")["anyOf"][0].update(maxLength=3),
    "a limit is higher": lambda now: field(now, "NewRoomIn", "beds").update(minimum=2),
    "a code is gone": lambda now: schema(now, "Gender")["enum"].pop(),
    "a code of a text is gone": lambda now: field(now, "HoldOut", "status")[EXTENSIBLE].pop(),
    "a closed list has a new code": lambda now: schema(now, "Gender").pop(EXTENSIBLE) and listed(now).append("new"),
    "an event of a webhook is gone": lambda now: now["webhooks"].popitem(),
    "a field of an event is gone": lambda now: schema(now, "HoldAskedEvent")["properties"].popitem(),
}
"""Changes that break a client, each alone."""

ADDITIONS = {
    "an operation": lambda now: now["paths"].update({"/new": {"get": operation(now, method="get")}}),
    "a parameter": lambda now: operation(now)["parameters"].append(sent()),
    "a field of an answer": lambda now: schema(now, "StayOut")["properties"].update(new={"type": "string"}),
    "a field of a request": lambda now: schema(now, "RegistrationIn")["properties"].update(new={"type": "string"}),
    "a code": lambda now: schema(now, "Gender").update(
        {"enum": [*listed(now), "new"], EXTENSIBLE: [*listed(now), "new"]}
    ),
    "a role": lambda now: operation(now)["x-roles"].update(reader="all"),
    "a text": lambda now: operation(now).update(description="Another."),
    "a larger limit": lambda now: field(now, "ReleaseIn", "text")["anyOf"][0].update(maxLength=9_000),
    "another answer of a refusal": lambda now: operation(now)["responses"].pop("409"),
}
"""Changes that a client may ignore, each alone."""


@pytest.mark.parametrize("change", BREAKS)
def test_break_is_detected(described, change):
    now = copied(described)
    BREAKS[change](now)
    assert len(breaks(described, now)) >= 1


@pytest.mark.parametrize("change", ADDITIONS)
def test_addition_is_no_break(described, change):
    now = copied(described)
    ADDITIONS[change](now)
    assert breaks(described, now) == []
