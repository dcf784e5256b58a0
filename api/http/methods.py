"""The decorators of routes: the framework's, with what holds for every handler here that is no coroutine; and how the
routes of modules are found.
"""

from collections.abc import Iterable, Iterator
from functools import partial
from importlib import import_module
from inspect import isfunction
from types import ModuleType

import litestar
from litestar.handlers import HTTPRouteHandler

ROUTE = "route"
"""The attribute of an operation (`operations.py`) that is its route."""

get = partial(litestar.get, sync_to_thread=True)
patch = partial(litestar.patch, sync_to_thread=True)
post = partial(litestar.post, sync_to_thread=True, status_code=200)
put = partial(litestar.put, sync_to_thread=True)


def routes_in(package: str, modules: Iterable[str]) -> list[HTTPRouteHandler]:
    """The routes that these modules of a package declare, in their order."""
    return [route for name in modules for route in _routes_of(import_module(f"{package}.{name}"))]


def _routes_of(module: ModuleType) -> Iterator[HTTPRouteHandler]:
    for one in vars(module).values():
        if isinstance(one, HTTPRouteHandler):
            yield one
        elif isfunction(one) and one.__module__ == module.__name__ and ROUTE in vars(one):
            yield vars(one)[ROUTE]
