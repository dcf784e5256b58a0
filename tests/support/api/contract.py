"""The contract of each operation: what its description promises, asked of the service with a thing of every kind."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from httpx import Response
from sqlalchemy.engine import make_url

from api.v1.second_person import SecondPersonRequestOut
from placement.access.permissions import REGISTER, Reach
from placement.accounts import api_keys
from placement.core.codes import Role
from tests.support.api.bodies import BODIES
from tests.support.api.examples import Examples
from tests.support.api.operations import (
    ENDS_THE_SESSION,
    OUTPUT,
    PROBLEM,
    QUERY,
    READERS,
    REFUSED,
    STALE,
    Operation,
    beyond,
    code_of,
    fields_of,
    reason_of,
    told,
    wrong_value,
)
from tests.support.api.resources import FOREIGN, NONE, OWN, PARAMETERS, things_of
from tests.support.api.route_roles import ASKED, CALLERS, MAY, PERSONS_ONLY, WITH_SCOPE_REGISTER
from tests.support.api.service import API, AT, Browser, Caller, Program, Service
from tests.support.audit_log import logged
from tests.support.proof import FULL


@dataclass
class Contract:
    """The service with a thing of every kind for each role; `restore` brings all of them back."""

    service: Service
    callers: dict[Role, Browser | Caller]
    folder: Path
    things: dict[tuple[str, Role, str], str] = field(init=False)
    programs: dict[Role, Program] = field(init=False)
    """Software with every scope."""
    askers: dict[Role, Program] = field(init=False)
    """Software with the scope `register` alone."""
    examples: Examples = field(init=False, default_factory=Examples)

    def __post_init__(self) -> None:
        self.things = things_of(self.service, self.callers)
        self.programs = {role: self._program(role, *api_keys.SCOPES, REGISTER) for role in CALLERS}
        self.askers = {role: self._program(role, REGISTER) for role in (Role.DESK, Role.SHELTER)}
        self.callers[Role.SHELTER] = self.programs[Role.SHELTER]
        others = self.service.shelters_program("S02", REGISTER)
        for whose, unit, asker in ((OWN, "S01-L1-U1", self.programs[Role.SHELTER]), (FOREIGN, "S02-L1-U1", others)):
            asked = asker.patch(f"/units/{unit}", {"name": "Asked"}, if_match='"1"')
            self.things["second_person", Role.SHELTER, whose] = asked.json()["id"]
        software = [getattr(self.service, who).software for who in (*CALLERS.values(), "reader")]
        for program in (*software, *self.programs.values(), *self.askers.values()):
            program.authorization()
        self.digest = self.service.digest()
        self.service.database.close()
        shutil.copyfile(self._file, self.folder / "database")
        shutil.copytree(self.service.country.settings.key_store, self.folder / "keys")
        self._log = self.service.log_read()

    def _program(self, role: Role, *scopes: str) -> Program:
        account = getattr(self.service, CALLERS[role]).account
        owner = {"account_id": account} if account else {"shelter_id": "S01"}
        with self.service.database.transaction() as session:
            key = api_keys.new_key(session, AT, **owner, scopes=scopes)
        return Program(self.service.client, self.service.moment, key, account)

    @property
    def _file(self) -> str:
        return str(make_url(str(self.service.database.engine.url)).database)

    def restore(self) -> None:
        self.service.database.close()
        shutil.copyfile(self.folder / "database", self._file)
        shutil.rmtree(self.service.country.settings.key_store)
        shutil.copytree(self.folder / "keys", self.service.country.settings.key_store)
        self.service.read_log_from(self._log)

    @cached_property
    def description(self) -> dict[str, Any]:
        return dict(self.service.client.get("/api/v1/openapi.json").json())

    @cached_property
    def operations(self) -> dict[str, Operation]:
        found = [
            Operation(method.upper(), path, described)
            for path, methods in self.description["paths"].items()
            for method, described in methods.items()
        ]
        return {operation.name: operation for operation in found}

    # What is asked

    def address(self, operation: Operation, role: Role, whose: str) -> str:
        """Its path with the thing of this role; of a search, with the case of a client who is missing."""
        kinds = PARAMETERS | ({"registration_id": "missing"} if "{search_number}" in operation.path else {})
        path = operation.path
        for name in re.findall(r"{(\w+)}", path):
            unknown = f"{kinds.get(name, 'X')[0].upper()}-2222-2222-2222"
            path = path.replace(f"{{{name}}}", self.things.get((kinds.get(name, ""), role, whose), unknown))
        return path + QUERY.get(operation.name, "")

    def ask(self, operation: Operation, caller: Any, path: str, body: Any = None, **headers: str) -> Response:
        """The answer, which the description knows."""
        answer = caller.ask(operation.method, path, body, **headers)
        known = operation.described["responses"].keys() - {"500"}
        assert str(answer.status_code) in known, (operation.name, answer.text)
        assert answer.is_success or set(answer.json()) == PROBLEM, answer.text
        return answer  # type: ignore[no-any-return]

    def owners(self, operation: Operation) -> list[Role]:
        """The roles that may, and have such a thing; persons come first."""
        kinds = [PARAMETERS[name] for name in re.findall(r"{(\w+)}", operation.path) if name in PARAMETERS]
        found = [role for role in operation.reaches if all((kind, role, OWN) in self.things for kind in kinds)]
        return sorted(found, key=lambda role: (not role.is_person, role))

    def newest(self, operation: Operation, role: Role) -> dict[str, str]:
        """The header with the newest version of its thing, which the refusal of another version names."""
        if not operation.takes("If-Match"):
            return {}
        path, body = self.address(operation, role, OWN), self.body(operation, role)
        refused = self.ask(operation, self.callers[role], path, body, If_Match=STALE).json()["detail"]
        return {"If_Match": f'"{re.findall("[0-9]+", refused)[-1]}"'}

    def stored_by(self, operation: Operation) -> set[str]:
        """The codes of the audit events that a valid request stores; it begins and ends with a thing of every kind."""
        before = len(logged(self.service))
        if operation.public:
            self.service.client.request(operation.method, API + operation.path, json=self.public_body(operation))
        else:
            role = self.owners(operation)[0]
            path, body = self.address(operation, role, OWN), self.body(operation, role)
            self.ask(operation, self.callers[role], path, body, **self.newest(operation, role))
        stored = {line.event for line in logged(self.service)[before:]}
        self.restore()
        return stored

    # What it promises: each yields what is broken

    def broken(self, operation: Operation) -> Iterator[str]:
        """Everything that the service does otherwise than its description has it."""
        yield from self.fields(operation)
        if operation.public:
            yield from self.without_a_role(operation)
        else:
            yield from self.roles(operation)
            yield from self.keys(operation)
            yield from self.strangers(operation)
            yield from self.versions(operation)
            if operation.method != "GET" and self.service.digest() != self.digest:
                yield "a refused request changed the store"
            try:
                yield from self.asks(operation)
                yield from self.valid(operation)
            finally:
                if operation.method != "GET":
                    self.restore()

    def without_a_role(self, operation: Operation) -> Iterator[str]:
        """An operation before the sign-in, whose example is answered as described."""
        body = self.public_body(operation)
        answer = self.service.client.request(operation.method, API + operation.path, json=body)
        yield from self.examples.compare(operation, body, answer)
        self.restore()

    def public_body(self, operation: Operation) -> Any:
        key = self.programs[Role.SHELTER].key
        return {"key": key} if operation.model == "KeyIn" else BODIES.get(operation.model)

    def roles(self, operation: Operation) -> Iterator[str]:
        """Exactly those of the description, which are those of the second table."""
        if {CALLERS[role] for role in operation.reaches} != MAY[operation.name]:
            yield f"the second table has {sorted(MAY[operation.name])}"
        for role in CALLERS:
            if role in operation.reaches and operation.method == "GET" and not operation.person_only:
                continue  # it reads its own things
            caller = self.programs[role]
            code = code_of(self.ask(operation, caller, self.address(operation, role, NONE), self.nothing(operation)))
            if (code == "role_may_not") != (role not in operation.reaches):
                yield f"{role}: {code}"
            if role in operation.reaches and (code == "sign_in_needed") != operation.person_only:
                yield f"the key of {role}: {code}"

    def keys(self, operation: Operation) -> Iterator[str]:
        """A person must be there if the second table has it; a key for reading only reads; nothing without a token."""
        if operation.person_only != (operation.name in PERSONS_ONLY):
            yield "the second table has it otherwise: a person must be there"
        if operation.person_only != operation.described.get("x-person-only", False):
            yield "x-person-only is otherwise"
        if operation.asked != (operation.name in ASKED):
            yield "the second table has it otherwise: a key asks for it"
        for role in operation.reaches if operation.name in WITH_SCOPE_REGISTER else ():
            other = getattr(self.service, CALLERS[role]).software
            refused = self.ask(operation, other, self.address(operation, role, OWN), self.nothing(operation))
            if code_of(refused) != "sign_in_needed":
                yield f"a key of {role} without the scope `register`: {refused.text}"
        path = API + re.sub("{[^}]*}", "X-0", operation.path)
        answer = self.service.client.request(operation.method, path, json=self.nothing(operation))
        if code_of(answer) != "token_refused":
            yield f"without a token: {answer.text}"
        if Role.DESK in operation.reaches:
            read = self.ask(operation, self.service.reader, path.removeprefix(API), self.nothing(operation))
            if (code_of(read) == "key_may_not") != (operation.method != "GET"):
                yield f"a key for reading: {read.text}"

    def fields(self, operation: Operation) -> Iterator[str]:
        """Each field that is wrong is named, each that is missing, and that which does not exist."""
        if not operation.model:
            return
        schema = self.description["components"]["schemas"][operation.model]
        wrong = {name: wrong_value(part) for name, part in schema["properties"].items()}
        faults = self._faults(operation, {**wrong, "no_such_field": 1})
        if missing := set(wrong) - {field.partition(".")[0] for field in faults}:
            yield f"wrong, and not named: {sorted(missing)}"
        if faults.get("no_such_field") != "field_unknown":
            yield "a field that does not exist is taken"
        value, limited = beyond(schema, self.description["components"]["schemas"])
        if limited and (taken := limited - self._faults(operation, value).keys()):
            yield f"beyond a limit, and not named: {sorted(taken)}"
        if needed := set(schema.get("required", ())):
            missing = {field for field, code in self._faults(operation, {}).items() if code == "missing"}
            if missing != needed:
                yield f"required: {sorted(needed)}; named as missing: {sorted(missing)}"

    def _faults(self, operation: Operation, body: dict[str, Any]) -> dict[str, str]:
        if operation.public:
            answer = self.service.client.request(operation.method, API + operation.path, json=body)
        else:
            role = self.owners(operation)[0]
            version = {"If_Match": STALE} if operation.takes("If-Match") else {}
            answer = self.ask(operation, self.callers[role], self.address(operation, role, OWN), body, **version)
        assert answer.status_code == 400, (operation.name, answer.text)
        return {one["field"]: one["code"] for one in answer.json()["errors"]}

    def strangers(self, operation: Operation) -> Iterator[str]:
        """A thing of another is answered as what does not exist, to the last byte and header; the desk may open it."""
        for role, *paths in self.pairs(operation):
            foreign, unknown = (self.of_another(operation, role, path) for path in paths)
            for body in self.parts(operation, role) if FULL else ():
                if len({told(self.of_another(operation, role, path, body))[:2] for path in paths}) > 1:
                    yield f"of another, to {role}: with {body} otherwise than unknown"
            if role is Role.DESK and operation.reaches[role] is Reach.OPENED:
                if code_of(foreign) != "reason_needed":
                    yield f"of another, to the desk: {foreign.text}"
            elif code_of(foreign) != "not_found" or told(foreign) != told(unknown):
                yield f"of another, to {role}: {foreign.text}; unknown: {unknown.text}"

    def pairs(self, operation: Operation) -> Iterator[tuple[Role, str, str]]:
        """The paths of a thing of another and of an unknown thing, for each role that does not reach all of them."""
        kinds = [PARAMETERS.get(name, "") for name in re.findall(r"{(\w+)}", operation.path)[:1]]
        for role, reach in operation.reaches.items():
            if reach is not Reach.ALL and any((kind, role, FOREIGN) in self.things for kind in kinds):
                yield role, *(self.address(operation, role, whose) for whose in (FOREIGN, NONE))

    def of_another(self, operation: Operation, role: Role, path: str, body: Any = None) -> Response:
        version = {"If_Match": STALE} if operation.takes("If-Match") else {}
        return self.ask(operation, self.callers[role], path, body or self.body(operation, role), **version)

    def parts(self, operation: Operation, role: Role) -> Iterator[dict[str, Any]]:
        """A body for each field, with the fields that it needs."""
        whole = self.body(operation, role) or {}
        needed = self.description["components"]["schemas"].get(operation.model, {}).get("required", ())
        if operation.reaches[role] is not Reach.OPENED:
            yield from ({name: whole[name] for name in {*needed, field}} for field in whole)

    def versions(self, operation: Operation) -> Iterator[str]:
        """A version that is passed or unreadable is refused; so is a request without a version that it needs."""
        header = next((one for one in operation.described["parameters"] if one["name"] == "If-Match"), None)
        if header is None:
            return
        role = self.owners(operation)[0]
        path, body = self.address(operation, role, OWN), self.body(operation, role)
        sent = {STALE: (412, "version_passed"), "*": (412, "version_unreadable")}
        for version, expected in sent.items():
            answer = self.ask(operation, self.callers[role], path, body, If_Match=version)
            if (answer.status_code, code_of(answer)) != expected:
                yield f"If-Match {version}: {answer.text}"
        if header["required"]:
            answer = self.ask(operation, self.callers[role], path, body)
            if (answer.status_code, code_of(answer)) != (428, "version_missing"):
                yield f"without If-Match: {answer.text}"

    def valid(self, operation: Operation) -> Iterator[str]:
        """A right request is carried out, or refused with the operation's own code; sent twice it is done once."""
        role = self.owners(operation)[0]
        path, body = self.address(operation, role, OWN), self.body(operation, role)
        headers = self.newest(operation, role)
        if operation.takes("Idempotency-Key"):
            headers["Idempotency_Key"] = "k"
        first = self.ask(operation, self.callers[role], path, body, **headers)
        if reason_of(first) != REFUSED.get(operation.name, "done"):
            yield f"right: {first.text}"
        yield from self.examples.compare(operation, body, first)
        yield from self.readers(operation, role, first)
        if operation.method == "GET" and set(self.owners(operation)) != operation.reaches.keys():
            yield "a role has nothing to read"
        for other in self.owners(operation)[1:] if operation.method == "GET" else ():
            read = self.ask(operation, self.callers[other], self.address(operation, other, OWN))
            if reason_of(read) != reason_of(first):
                yield f"right, of {other}: {read.text}"
            yield from self.readers(operation, other, read)
        if first.is_success and "Idempotency_Key" in headers and operation.name not in ENDS_THE_SESSION:
            again = self.ask(operation, self.callers[role], path, body, **headers)
            if again.headers.pop("idempotent-replayed", None) != "true" or told(again) != told(first):
                yield f"again: {again.text}"
        if operation.method != "GET":  # the same once more, as by another user of the same page
            self.ask(operation, self.callers[role], path, body, **headers | {"Idempotency_Key": "other"})

    def asks(self, operation: Operation) -> Iterator[str]:
        """Yields the faults of what a key with the scope `register` asks; a fault of the body itself is refused."""
        for role in self.askers.keys() & self.owners(operation) if operation.asked else ():
            path, body = self.address(operation, role, OWN), self.body(operation, role)
            answer = self.ask(operation, self.askers[role], path, body, **self.newest(operation, role))
            if answer.status_code == 202:
                address = f"{API}/second-person-requests/{answer.json()['id']}"
                if answer.headers.get("location") != address or answer.json()["status"] != "asked":
                    yield f"a key of {role} asks: {answer.headers}, {answer.text}"
                yield from self.readers(operation, role, answer)
            elif answer.status_code != 400 or reason_of(answer) != REFUSED.get(operation.name):
                yield f"a key of {role} asks: {answer.text}"
            self.restore()

    def others(self, operation: Operation) -> Iterator[str]:
        """Each further role carries it out too, unless nobody can in the state of its thing, or its asker alone."""
        for role in self.owners(operation)[1:] if operation.method != "GET" else ():
            path, body = self.address(operation, role, OWN), self.body(operation, role)
            answer = self.ask(operation, self.callers[role], path, body, **self.newest(operation, role))
            allowed = {REFUSED.get(operation.name), "asker_needed"}
            if answer.status_code in {401, 403, 404} and reason_of(answer) not in allowed:
                yield f"right, of {role}: {answer.text}"
            yield from self.readers(operation, role, answer)
            self.restore()

    @staticmethod
    def readers(operation: Operation, role: Role, answer: Response) -> Iterator[str]:
        """This role may read every field of the answer."""
        model = SecondPersonRequestOut if operation.asked and answer.status_code == 202 else OUTPUT[operation.name]
        if answer.is_success and model and "json" in answer.headers["content-type"]:
            for field in sorted(fields_of(model, answer.json())):
                if role not in READERS[field]:
                    yield f"{role} reads {field}"

    def body(self, operation: Operation, role: Role) -> Any:
        if not operation.model:
            return None
        whole = BODIES[operation.model]
        return whole | {"entries": [self.things["entry", role, OWN]]} if operation.model == "ReadBackIn" else whole

    @staticmethod
    def nothing(operation: Operation) -> Any:
        """An empty body, if it takes a body."""
        return {} if operation.method != "GET" else None
