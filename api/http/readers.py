"""Which roles may read an output model: those of the routes that answer with it, at any depth.

A page shows models under its own permission; here it is checked that its reader may have them at all.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from litestar import Router
from litestar.handlers import BaseRouteHandler

from api.http.models import Model, output_of, parts_of
from placement.core.codes import Role

ANYBODY = frozenset(Role)
"""Also before sign-in."""

Readers = Mapping[Model, frozenset[Role]]


class NotReadable(Exception):
    """A programming error: a model was about to be shown to a role to which no route answers with it."""


def roles_of(handler: BaseRouteHandler) -> frozenset[Role]:
    """The roles that may use this route."""
    return ANYBODY if handler.opt.get("public") else frozenset(handler.opt["permission"].reach)


def handlers_of(routes: Router) -> Iterator[BaseRouteHandler]:
    for methods in routes.route_handler_method_map.values():
        yield from (handler for method, handler in methods.items() if method != "OPTIONS")


def readers_of(routes: Router) -> Readers:
    """By output model, its readers."""
    found: defaultdict[Model, frozenset[Role]] = defaultdict(frozenset)
    for handler in handlers_of(routes):
        answer = output_of(handler)
        for part in parts_of(answer) if answer else ():
            found[part] |= roles_of(handler)
    return dict(found)


def require_readable(readers: Readers, role: Role, model: Model) -> None:
    """Raises `NotReadable` unless this role may read this model, and each model in it."""
    for part in parts_of(model):
        if role not in readers.get(part, frozenset()):
            raise NotReadable(f"{part.__name__} to {role}")
