"""The input and output models of routes, with the models nested in them."""

from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

from litestar.handlers import BaseRouteHandler
from pydantic import BaseModel

Model = type[BaseModel]


def output_of(handler: BaseRouteHandler) -> Model | None:
    """Returns the route's output model, or `None`."""
    found = get_args(handler.parsed_fn_signature.return_type.annotation)
    return found[0] if found and _is_model(found[0]) else None


def input_of(handler: BaseRouteHandler) -> Model | None:
    """Returns the route's input model, also if the body is optional, or `None`."""
    data = handler.parsed_fn_signature.parameters.get("data")
    return next(_models_in(data.annotation), None) if data else None


@cache
def parts_of(model: Model) -> frozenset[Model]:
    """Returns the model and all models nested in it."""
    inner = {part for field in model.model_fields.values() for part in _models_in(field.annotation)}
    return frozenset({model}).union(*(parts_of(part) for part in inner))


def _models_in(annotation: Any) -> Iterator[Model]:
    if _is_model(annotation):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)


def _is_model(annotation: object) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
