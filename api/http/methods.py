"""The decorators of routes: the framework's, with what holds for every handler here that is no coroutine; and how the
routes of modules are found.
"""

from collections.abc import Iterable
from functools import partial
from importlib import import_module

import litestar
from litestar.handlers import HTTPRouteHandler

get = partial(litestar.get, sync_to_thread=True)
patch = partial(litestar.patch, sync_to_thread=True)
post = partial(litestar.post, sync_to_thread=True, status_code=200)
put = partial(litestar.put, sync_to_thread=True)


def routes_in(package: str, modules: Iterable[str]) -> list[HTTPRouteHandler]:
    """The routes that these modules of a package declare, in their order."""
    found = [one for name in modules for one in vars(import_module(f"{package}.{name}")).values()]
    return [one for one in found if isinstance(one, HTTPRouteHandler)]
