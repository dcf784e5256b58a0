"""The check of which roles may read an output model. A role may read a model if it may use a route that returns the
model, directly or nested. Pages show these models under permissions of their own, so each page is checked too. If only
some of these roles may read a field, the field has a `ReadableBy`, and is null or empty for the others.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from litestar import Router
from litestar.handlers import BaseRouteHandler
from pydantic import BaseModel, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue

from api.http.models import Model, output_of, parts_of
from placement.core.codes import Role

ANYBODY = frozenset(Role)
"""All roles, for public routes."""

Readers = Mapping[Model, frozenset[Role]]


class NotReadable(Exception):
    """A programming error: an answer contains a model or field that the actor's role may not read."""


@dataclass(frozen=True, slots=True)
class ReadableBy:
    """The annotation of a field that only these roles may read."""

    roles: frozenset[Role]

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), "x-readable-by": sorted(self.roles)}


def readable_by(*roles: Role) -> ReadableBy:
    """Returns a `ReadableBy` to use in `Annotated[...]`. For other roles the field must be null or empty."""
    return ReadableBy(frozenset(roles))


@cache
def fields_for_some(model: Model) -> Mapping[str, frozenset[Role]]:
    """Returns the fields of this model that have a `ReadableBy`, each with the roles that may read it."""
    return MappingProxyType(
        {
            name: mark.roles
            for name, field in model.model_fields.items()
            for mark in field.metadata
            if isinstance(mark, ReadableBy)
        }
    )


def roles_of(handler: BaseRouteHandler) -> frozenset[Role]:
    return ANYBODY if handler.opt.get("public") else frozenset(handler.opt["permission"].reach)


def handlers_of(routes: Router) -> Iterator[BaseRouteHandler]:
    for methods in routes.route_handler_method_map.values():
        yield from (handler for method, handler in methods.items() if method != "OPTIONS")


def readers_of(routes: Router) -> Readers:
    """Returns for each output model the roles that may read it."""
    found: defaultdict[Model, frozenset[Role]] = defaultdict(frozenset)
    for handler in handlers_of(routes):
        answer = output_of(handler)
        for part in parts_of(answer) if answer else ():
            found[part] |= roles_of(handler)
    return dict(found)


def require_readable(readers: Readers, role: Role, model: Model) -> None:
    """Raises `NotReadable` if the role may not read this model or a model nested in it."""
    for part in parts_of(model):
        if role not in readers.get(part, frozenset()):
            raise NotReadable(f"{part.__name__} to {role}")


def require_fields(role: Role, told: BaseModel) -> None:
    """Raises `NotReadable` if a field at any depth has a value that `ReadableBy` hides from the role."""
    if not any(map(fields_for_some, parts_of(type(told)))):
        return
    for name, roles in fields_for_some(type(told)).items():
        if getattr(told, name) and role not in roles:
            raise NotReadable(f"{type(told).__name__}.{name} to {role}")
    for name in type(told).model_fields:
        for one in _models_in(getattr(told, name)):
            require_fields(role, one)


def _models_in(value: object) -> Iterator[BaseModel]:
    if isinstance(value, BaseModel):
        yield value
    elif isinstance(value, Mapping | list | tuple):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from _models_in(one)
