"""The operations of the description, and what their answers have."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, get_args, get_origin

from httpx import Response
from pydantic import BaseModel

from api.http.models import output_of
from api.http.readers import fields_for_some, readers_of
from api.v1.routes import ROUTES
from placement.access.permissions import Reach
from placement.core.codes import Role
from tests.support.api.service import API

REFUSED = {
    "GET /events/{}/plan/lines/{}": "not_found",
    "GET /needs": "day:needs_before_first",
    "GET /practice/messages": "not_found",
    "GET /practice/scenes/{}": "not_found",
    "PATCH /locations/{}": "place_is_open",
    "PATCH /organisations/{}": "telephones_otherwise",
    "PATCH /rooms/{}": "place_is_open",
    "PATCH /shelters/{}": "place_is_open",
    "PATCH /units/{}": "place_is_open",
    "POST /accounts/{}/invitation": "account_without_organisation",
    "POST /count-records/{}/merge": "into:count_merge_into",
    "POST /count-sheets": "file:import_file_empty",
    "POST /decisions/{}/look": "nothing_to_look_at",
    "POST /doubt/release": "nothing_stopped",
    "POST /doubt/release-tonight": "nothing_stopped",
    "POST /events/{}/cases": "registrations.0:registration_unknown",
    "POST /events/{}/plan/acceptance": "plan_missing",
    "POST /events/{}/plan/lines/{}/withdrawal": "not_found",
    "POST /events/{}/residents": "place_not_closing",
    "POST /holds/answers": "confirmed.0:hold_unknown",
    "POST /holds/arrivals": "holds.0:hold_unknown",
    "POST /holds/{}/address": "address_not_shown",
    "POST /holds/{}/arrival": "hold_not_confirmed",
    "POST /holds/{}/arrival/reversal": "arrival_not_said",
    "POST /holds/{}/expected": "hold_not_confirmed",
    "POST /holds/{}/no-show": "hold_not_confirmed",
    "POST /holds/{}/no-show/reversal": "no_show_not_said",
    "POST /holds/{}/telephone/arrival": "hold_not_confirmed",
    "POST /imports": "file:import_file_empty",
    "POST /locations/{}/reopen": "place_is_open",
    "POST /municipalities": "place_code_taken",
    "POST /on-call": "account:not_of_the_desk",
    "POST /practice/clock": "not_found",
    "POST /practice/scene": "not_found",
    "POST /proposals/{}/decision": "rooms_gone",
    "POST /registrations/{}/changes/{}/erase": "legal_hold_stands",
    "POST /registrations/{}/close": "reason:reason_unknown",
    "POST /registrations/{}/close/reversal": "case_not_closed_by_hand",
    "POST /registrations/{}/erasure": "erasure_of_open_case",
    "POST /registrations/{}/legal-hold": "legal_hold_stands",
    "POST /registrations/{}/legal-hold/lift": "legal_hold_not_standing",
    "POST /registrations/{}/legal-hold/review": "legal_hold_not_standing",
    "POST /registrations/{}/links": "other:registration_unknown",
    "POST /registrations/{}/merge": "other:registration_unknown",
    "POST /registrations/{}/opening": "case_is_open",
    "POST /registrations/{}/requests": "request_open",
    "POST /registrations/{}/requests/{}/withdraw": "not_found",
    "POST /registrations/{}/return": "case_not_closed",
    "POST /registrations/{}/whereabouts/{}/close/answer": "search_end_not_asked",
    "POST /rooms/{}/reopen": "place_is_open",
    "POST /session/passkeys": "credential:passkey_refused",
    "POST /session/passkeys/options": "passkeys_off",
    "POST /session/password": "current:password_not_right",
    "POST /session/second-factor": "code:code_refused",
    "POST /session/second-factor/options": "no_passkey",
    "POST /session/second-factor/passkey": "credential:passkey_refused",
    "POST /shelters": "provider:target_unknown",
    "POST /shelters/{}/reopen": "place_is_open",
    "POST /shelters/{}/telephone/answers": "confirmed.0:hold_unknown",
    "POST /shelters/{}/telephone/count": "rooms:room_missing",
    "POST /shelters/{}/telephones/check": "number_not_new",
    "POST /stays/{}/end/reversal": "stay_end_not_said",
    "POST /stays/{}/swap": "stay:stay_of_other_shelter",
    "POST /telephone-entries/{}/settlement": "not_contradicted",
    "POST /units/{}/move": "location:location_is_the_same",
    "POST /units/{}/reopen": "place_is_open",
    "PUT /events/{}/vehicles": "registrations.0:no_member",
    "PUT /shelters/{}/capacity": "rooms:room_missing",
    "PUT /shelters/{}/telephones": "telephones_otherwise",
}
"""The operation's own code, for the body of `bodies.py` and the thing of `resources.py`; with its field in front. Every
other operation carries such a request out."""

QUERY = {"GET /reports/period": "?kind=week&day=2026-11-20", "GET /needs": "?kind=month&day=2026-10-20"}
"""The query that an operation needs."""

ENDS_THE_SESSION = {"POST /session/end", "POST /sessions/end"}
OUTPUT = {
    f"{method} {re.sub('{[^}]*}', '{}', path.removeprefix(API))}": output_of(handler)
    for path, methods in ROUTES.route_handler_method_map.items()
    for method, handler in methods.items()
    if method != "OPTIONS"
}
READERS = {
    (model.__name__, field): roles & fields_for_some(model).get(field, roles)
    for model, roles in readers_of(ROUTES).items()
    for field in model.model_fields
}
"""The readers of each field of an answer."""

_MODEL = "#/components/schemas/"
PROBLEM = {"type", "title", "status", "detail", "errors"}
STALE = '"999999"'


@dataclass(frozen=True)
class Operation:
    """An operation of the description."""

    method: str
    path: str
    described: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.method} {re.sub('{[^}]*}', '{}', self.path)}"

    @property
    def public(self) -> bool:
        return self.described.get("security") == []

    @property
    def person_only(self) -> bool:
        return self.described.get("security") == [{"session": []}]

    @property
    def asked(self) -> bool:
        """A key with the scope `register` asks for it."""
        return "Location" in self.described["responses"].get("202", {}).get("headers", {})

    @property
    def reaches(self) -> dict[Role, Reach]:
        return {Role(role): Reach(reach) for role, reach in self.described["x-roles"].items()}

    @property
    def model(self) -> str:
        """The name of its input model; empty if it takes no body."""
        taken = self.described.get("requestBody", {}).get("content", {}).get("application/json", {})
        return json.dumps(taken).partition(_MODEL)[2].partition('"')[0]

    def takes(self, header: str) -> bool:
        return any(one["name"] == header for one in self.described["parameters"])


def wrong_value(schema: dict[str, Any]) -> Any:
    """A value that no field of this form takes."""
    forms = [one.get("type") for one in [schema, *schema.get("anyOf", ())]]
    return "wrong" if "object" in forms else {"wrong": 1}


def beyond(schema: dict[str, Any], schemas: dict[str, Any], path: str = "") -> tuple[Any, set[str]]:
    """A value of this form beyond every limit in it, and the paths that must be named; no path if it has no limit."""
    forms = [one for one in schema.get("anyOf", [schema]) if one.get("type") != "null"]
    form = forms[0] if len(forms) == 1 else {}
    form = schemas[form["$ref"].removeprefix(_MODEL)] if "$ref" in form else form
    if "properties" in form:
        parts = {n: beyond(one, schemas, f"{path}.{n}" if path else n) for n, one in form["properties"].items()}
        limited = {name: part for name, part in parts.items() if part[1]}
        return {n: value for n, (value, _) in limited.items()}, {one for _, paths in limited.values() for one in paths}
    if form.get("type") == "array":
        value, paths = beyond(form["items"], schemas, f"{path}.0")
        return [value], paths
    if "enum" in form:
        return "no such code", {path}
    for limit, by in (("minimum", -1), ("maximum", 1)):
        if limit in form:
            return form[limit] + by, {path}
    return ("x" * (form["maxLength"] + 1), {path}) if "maxLength" in form else (None, set())


def fields_of(model: type[BaseModel], value: dict[str, Any]) -> set[tuple[str, str]]:
    """Every field of an answer, however deep; a field that is for some readers only if it has a value."""
    found = set()
    for name, part in value.items():
        if part or name not in fields_for_some(model):
            found.add((model.__name__, name))
        annotation = model.model_fields[name].annotation
        inner = next(_models_in(annotation), None)
        if part and inner:
            by_id = [*part.values()] if get_origin(annotation) is dict else [part]
            for below in part if isinstance(part, list) else by_id:
                found |= fields_of(inner, below)
    return found


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)


def code_of(answer: Response) -> str:
    """The code of a refusal; `done` if there is no refusal."""
    return "done" if answer.is_success else str(answer.json()["type"]).removeprefix("urn:placement:problem:")


def reason_of(answer: Response) -> str:
    """The code of a refusal, or of its first fault in the order of names, with its field."""
    errors = [] if answer.is_success else answer.json()["errors"]
    return min(("{field}:{code}".format(**one) for one in errors), default=code_of(answer))


def told(answer: Response) -> tuple[int, bytes, list[tuple[str, str]]]:
    """Returns the whole answer but the id of its request, which is random."""
    headers = [one for one in answer.headers.multi_items() if one[0] != "x-request-id"]
    return answer.status_code, answer.content, sorted(headers)
