"""Which roles may read an output model: the roles of the routes whose answers contain the model, at any depth. A page
has its own permission, so this module checks that its reader may see the page's models. A field for only some readers
of its model names their roles (`readable_by`); for all others it must be null or empty.
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
"""All roles, also before sign-in."""

Readers = Mapping[Model, frozenset[Role]]


class NotReadable(Exception):
    """A programming error: a page would have shown a model or field to a role that cannot get it from any route."""


@dataclass(frozen=True, slots=True)
class ReadableBy:
    """Marks a field of an output model with the roles that may see it, among the readers of the model."""

    roles: frozenset[Role]

    def __get_pydantic_json_schema__(self, schema: Any, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {**handler(schema), "x-readable-by": sorted(self.roles)}


def readable_by(*roles: Role) -> ReadableBy:
    """Returns the mark for `Annotated[...]`. For every other role the field is null or empty."""
    return ReadableBy(frozenset(roles))


@cache
def fields_for_some(model: Model) -> Mapping[str, frozenset[Role]]:
    """Returns the fields of this model that only some of its readers may see, with the roles."""
    return MappingProxyType(
        {
            name: mark.roles
            for name, field in model.model_fields.items()
            for mark in field.metadata
            if isinstance(mark, ReadableBy)
        }
    )


def roles_of(handler: BaseRouteHandler) -> frozenset[Role]:
    """Returns the roles that may use this route."""
    return ANYBODY if handler.opt.get("public") else frozenset(handler.opt["permission"].reach)


def handlers_of(routes: Router) -> Iterator[BaseRouteHandler]:
    for methods in routes.route_handler_method_map.values():
        yield from (handler for method, handler in methods.items() if method != "OPTIONS")


def readers_of(routes: Router) -> Readers:
    """Returns the readers of each output model."""
    found: defaultdict[Model, frozenset[Role]] = defaultdict(frozenset)
    for handler in handlers_of(routes):
        answer = output_of(handler)
        for part in parts_of(answer) if answer else ():
            found[part] |= roles_of(handler)
    return dict(found)


def require_readable(readers: Readers, role: Role, model: Model) -> None:
    """Raises `NotReadable` if this role may not read this model or a model in it."""
    for part in parts_of(model):
        if role not in readers.get(part, frozenset()):
            raise NotReadable(f"{part.__name__} to {role}")


def require_fields(role: Role, told: BaseModel) -> None:
    """Raises `NotReadable` if a field, at any depth, has a value that this role may not see."""
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
