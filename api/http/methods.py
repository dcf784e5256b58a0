"""The decorators that declare routes, and the search for routes in modules. Decorated functions can be called as
before.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial, update_wrapper
from importlib import import_module
from inspect import Parameter, Signature, isfunction
from types import ModuleType
from typing import TypeVar

import litestar
from litestar.handlers import HTTPRouteHandler

Function = TypeVar("Function", bound=Callable[..., object])
_ROUTE = "route"
"""The attribute of a function that holds its route."""

get = partial(litestar.get, sync_to_thread=True)
patch = partial(litestar.patch, sync_to_thread=True)
post = partial(litestar.post, sync_to_thread=True, status_code=200)
put = partial(litestar.put, sync_to_thread=True)


def with_route(
    function: Function,
    declare: Callable[[Callable[..., object]], HTTPRouteHandler],
    handle: Callable[..., object],
    taken: Iterable[Parameter],
    answer: object,
) -> Function:
    """Attaches a route with the function's name and docstring to the function. Returns the function."""
    update_wrapper(handle, function)
    vars(function)[_ROUTE] = made_route(declare, handle, taken, answer)
    return function


def made_route(
    declare: Callable[[Callable[..., object]], HTTPRouteHandler],
    handle: Callable[..., object],
    taken: Iterable[Parameter],
    answer: object,
) -> HTTPRouteHandler:
    parameters = list(taken)
    handle.__annotations__ = {one.name: one.annotation for one in parameters} | {"return": answer}
    vars(handle)["__signature__"] = Signature(parameters, return_annotation=answer)
    return declare(handle)


def routes_in(package: str, modules: Iterable[str]) -> list[HTTPRouteHandler]:
    """Returns all routes that these modules of a package declare, in order."""
    return [route for name in modules for route in _routes_of(import_module(f"{package}.{name}"))]


def _routes_of(module: ModuleType) -> Iterator[HTTPRouteHandler]:
    for one in vars(module).values():
        route = one if isinstance(one, HTTPRouteHandler) else getattr(one, _ROUTE, None)
        is_imported = isfunction(one) and one.__module__ != module.__name__
        if isinstance(route, HTTPRouteHandler) and not is_imported:
            yield route
