"""Role by route by (own, foreign, none) by field: every cell of the access table, against the answers of the service.

By default one request for each role, route and thing, on SQLite; at full size one for each field that comes in, too, on
both stores.
"""

from dataclasses import dataclass
from typing import Any, get_args, get_origin

import pytest

from api.http.models import input_of, output_of, parts_of
from api.http.readers import fields_for_some, readers_of
from api.v1.routes import ROUTES
from api.v1.telephone_entries import ReadBackIn
from placement.access.permissions import Reach
from placement.core.codes import Role
from placement.core.ids import new_id
from tests.support.api.bodies import BODIES
from tests.support.api.resources import FOREIGN, NONE, OWN, PARAMETERS, callers_of, things_of
from tests.support.proof import FULL

ROLES = [role for role in Role if role is not Role.SYSTEM]
PROBLEM = {"type", "title", "status", "detail", "errors"}
ENDS_HER_SESSION = {"/api/v1/session/end": 1, "/api/v1/sessions/end": 2}
"""These come last, in this order."""
WRONG = 422
"""A body that is wrong by itself may be said to be so, as long as the same is said whatever it is about."""

stores = pytest.mark.parametrize("stores", ["sqlite", "postgresql"] if FULL else ["sqlite"], indirect=True)


@dataclass(frozen=True)
class Cell:
    """A route, a role, and whose thing; `answer`: `good`, or the code of the refusal."""

    method: str
    path: str
    handler: Any
    role: Role
    whose: str
    answer: str

    @property
    def reads(self) -> bool:
        return self.method == "GET"


def expected(reach: Reach | None, role: Role, whose: str) -> str:
    """What the table says, in words of its own: no code of the service is asked."""
    if reach is None:
        return "role_may_not"
    if whose == NONE:
        return "not_found"
    if whose == OWN or reach is Reach.ALL:
        return "good"
    return "reason_needed" if reach is Reach.OPENED and role is Role.DESK else "not_found"


def cells():
    for path, methods in ROUTES.route_handler_method_map.items():
        for method, handler in methods.items():
            if method == "OPTIONS" or handler.opt.get("public"):
                continue
            reaches = handler.opt["permission"].reach
            for role in ROLES:
                for whose in (OWN, FOREIGN, NONE) if "{" in path else (OWN,):
                    yield Cell(method, path, handler, role, whose, expected(reaches.get(role), role, whose))


def thing(cell, kind, things):
    """Returns its id; if this role cannot have it, the id of a thing that nobody has asked for yet."""
    return things.get((kind, cell.role, cell.whose), new_id(kind[0].upper()))


def address(cell, things):
    """Returns the path of the thing; of a search with the case of a client who is missing."""
    path = cell.path.removeprefix("/api/v1")
    kinds = PARAMETERS | ({"registration_id": "missing"} if "{search_number:str}" in path else {})
    for name, kind in kinds.items():
        path = path.replace(f"{{{name}:str}}", thing(cell, kind, things))
    return path


def bodies(cell, things):
    """The whole body, and, at full size, one for each field with those that must be there."""
    taken = input_of(cell.handler)
    if taken is None:
        return [None]
    whole = BODIES[taken.__name__]
    if taken is ReadBackIn:
        whole = whole | {"entries": [thing(cell, "entry", things)]}
    needed = {name: whole[name] for name, field in taken.model_fields.items() if field.is_required()}
    return [whole, *({**needed, name: whole[name]} for name in taken.model_fields)] if FULL else [whole]


def ask(caller, cell, path, body):
    return caller.ask(cell.method, path, body, If_Match='"999999"')


def the_same_is_said_of_every_thing(callers, things, cell, body, fields_seen):
    """Of one's own, of one that may be opened, of a foreign one and of none."""
    own = [one for one in cells() if (one.method, one.path, one.role) == (cell.method, cell.path, cell.role)]
    return {ask(callers[one.role], one, address(one, things), body).text for one in own} == {fields_seen}


def stored(service):
    """Every row, but for what lists leave in the log."""
    return service.digest()


def what(answer):
    """`good`, or the code of the refusal; what the role may do, and cannot in this state, is good too."""
    if answer.status_code in {401, 403, 404}:
        return answer.json()["type"].removeprefix("urn:placement:problem:")
    return "good" if answer.status_code < 500 else answer.text


def fields_of(model, value, found):
    """Adds every object and field that stands in an answer, however deep; one for some readers where it has a value."""
    for name, part in value.items():
        if part or name not in fields_for_some(model):
            found.add((model.__name__, name))
        annotation = model.model_fields[name].annotation
        inner = next((one for one in _models(annotation)), None) if part else None
        by_id = list(part.values()) if inner is not None and get_origin(annotation) is dict else [part]
        for one in part if isinstance(part, list) else by_id:
            if inner is not None:
                fields_of(inner, one, found)
    return found


def _models(annotation):
    if isinstance(annotation, type) and hasattr(annotation, "model_fields"):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)


@pytest.mark.wide
@stores
def test_every_cell_of_the_access_table_matches_the_service(service):
    callers = callers_of(service)
    things = things_of(service, callers)
    all_cells = list(cells())
    table = {
        (model.__name__, field): roles & fields_for_some(model).get(field, roles)
        for model, roles in readers_of(ROUTES).items()
        for field in model.model_fields
    }
    unexpected, of_the_body, seen, fields = [], [], 0, 0
    before = stored(service)
    for changes in (False, True):
        if changes:
            assert all(the_same_is_said_of_every_thing(callers, things, *one) for one in of_the_body)
            assert stored(service) == before  # nothing that was refused, and no look, has changed a thing
        rows = [cell for cell in all_cells if (cell.answer == "good" and not cell.reads) == changes]
        for cell in sorted(rows, key=lambda cell: ENDS_HER_SESSION.get(cell.path, 0)):
            caller, path = callers[cell.role], address(cell, things)
            if cell.path in ENDS_HER_SESSION and cell.answer == "good":
                caller = service.signed_in(cell.role)
            for number, body in enumerate(bodies(cell, things)[: 1 if changes else None]):
                answer = ask(caller, cell, path, body)
                seen += 1
                if number and cell.answer == "not_found" and answer.status_code == WRONG:
                    of_the_body.append((cell, body, answer.text))
                elif what(answer) != cell.answer:
                    unexpected.append((cell.method, path, cell.role, cell.whose, cell.answer, answer.text[:200]))
                elif answer.is_success:
                    fields_seen = fields_of(output_of(cell.handler), answer.json(), set())
                    fields += len(fields_seen)
                    unexpected += [(path, cell.role, one) for one in fields_seen if cell.role not in table[one]]
                else:
                    fields += sum(len(part.model_fields) for part in parts_of(output_of(cell.handler)))
                    assert set(answer.json()) == PROBLEM, answer.text
    assert not unexpected, "\n".join(map(str, unexpected))
    assert seen > 700
    assert fields > 5000
