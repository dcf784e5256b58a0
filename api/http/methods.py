"""The decorators of routes: the framework's, with what holds for every handler here that is no coroutine; and how the
routes of modules are found.
"""

from functools import partial
from types import ModuleType

import litestar
from litestar.handlers import HTTPRouteHandler

get = partial(litestar.get, sync_to_thread=True)
patch = partial(litestar.patch, sync_to_thread=True)
post = partial(litestar.post, sync_to_thread=True, status_code=200)
put = partial(litestar.put, sync_to_thread=True)


def routes_in(*modules: ModuleType) -> list[HTTPRouteHandler]:
    """The routes that these modules declare, in their order."""
    return [found for module in modules for found in vars(module).values() if isinstance(found, HTTPRouteHandler)]
