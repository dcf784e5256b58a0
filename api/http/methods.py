"""The decorators of routes: the framework's, with what holds for every handler here that is no coroutine."""

from functools import partial

import litestar

get = partial(litestar.get, sync_to_thread=True)
patch = partial(litestar.patch, sync_to_thread=True)
post = partial(litestar.post, sync_to_thread=True, status_code=200)
put = partial(litestar.put, sync_to_thread=True)
