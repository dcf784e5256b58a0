"""The application: settings, database, engine and routes. The web server calls `worker_app`."""

import asyncio
import gc
import multiprocessing
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide
from litestar.middleware import DefineMiddleware
from litestar.plugins.pydantic import PydanticPlugin

from api.http import health, operator_access, request_log
from api.http.admission import Admission
from api.http.authentication import Authentication, permitted
from api.http.budgets import Budgets
from api.http.context import acts_of
from api.http.database_ready import Usable, once_usable
from api.http.desk_numbers import DeskNumbers
from api.http.group import Group
from api.http.head_requests import with_head
from api.http.metrics import Shared, note_pool
from api.http.openapi import document, document_for_shelters, openapi
from api.http.problems import HANDLERS
from api.http.readers import readers_of
from api.http.refusal_log import of_refusal
from api.http.security_headers import fronted
from api.http.threads import run, use_pools
from api.http.work_queues import Lanes
from api.pages import documentation, public_help, start, unsubscribe
from api.pages.refusal_pages import OF_ADDRESSES
from api.pages.routes import PAGES
from api.v1.routes import ROUTES
from placement.audit.watcher import Watcher
from placement.core import signals
from placement.core.child_processes import end_with
from placement.core.errors import PlacementError
from placement.core.logging import set_up_logging
from placement.core.setting_files import engines_socket, metrics_folder
from placement.core.settings import Settings
from placement.jobs.reactions import REACTIONS
from placement.solver.engine_lending import LentEngines
from placement.solver.engine_pool import EnginePool, Engines
from placement.solver.engine_process import Solver
from placement.solver.previews import Previews
from placement.storage.change_signal import ChangeSignal
from placement.storage.database import Database
from placement.storage.disk_reserve import DiskReserve

_SWITCH_SECONDS = 0.001
"""How many seconds a thread may compute while other threads wait (Python's default is five times as long). A short time
lets the event loop answer the liveness check.
"""
_COLLECTED_EVERY = 20_000
"""The number of new objects between two garbage collections; Python's default is 700. A request makes thousands."""
LARGEST_BODY = 1_000_000
"""The largest request body in bytes. A report of a shelter with 1,000 rooms needs about a tenth of it."""


def create_app(
    settings: Settings | None = None,
    database: Database | None = None,
    metrics: Shared | None = None,
    engines: Engines | None = None,
    group: Group | None = None,
) -> Litestar:
    """Makes the application. By default it reads the settings from the environment and starts its own engine processes.
    It also starts if the database is unavailable. `group`: the processes of the `placement serve` command that started
    it. Raises `Misconfigured`.
    """
    settings = settings or Settings.from_environment()
    database = database or Database.open(settings)
    set_up_logging()
    signals.react(REACTIONS)
    usable = Usable(database)
    usable.check_if_it_answers()
    use_pools(settings)
    engines = engines or EnginePool(settings.engines)
    group = group or Group(engines)
    solver = Solver(settings.answer_within_seconds, engines, note=group.note)
    note_pool("engines", lambda: engines.running, lambda: engines.waiting)
    parts = {"settings": settings, "database": database, "solver": solver, "metrics": metrics or Shared()}
    parts |= {"group": group, "watcher": Watcher(database, settings)}
    parts |= {"reserve": DiskReserve.of(settings), "desk_numbers": DeskNumbers()}
    parts |= {"readers": readers_of(ROUTES), "change_signal": ChangeSignal(database)}
    parts |= {"lanes": Lanes(settings), "budgets": Budgets(settings, database)}
    app = Litestar(
        route_handlers=[
            ROUTES,
            PAGES,
            document,
            document_for_shelters,
            health.live,
            health.ready,
            request_log.metrics,
            operator_access.security_text,
            start.about,
            public_help.public_help,
            unsubscribe.ask_whether,
            unsubscribe.unsubscribe,
            start.static_files,
            documentation.documentation,
            documentation.documentation_file,
        ],
        state=State({**parts, "previews": Previews(solver.for_previews())}),
        dependencies={"acts": Provide(acts_of)},
        middleware=[DefineMiddleware(Authentication, exclude_from_auth_key="public"), Admission],
        guards=[permitted],
        exception_handlers={**HANDLERS, **OF_ADDRESSES, PlacementError: of_refusal},
        request_max_body_size=LARGEST_BODY,
        lifespan=[_running],
        plugins=[PydanticPlugin(prefer_alias=True)],
        logging_config=None,
        openapi_config=openapi(start.SCHEMA_PAGE, settings.contact),
    )
    app.asgi_handler = request_log.observed(fronted(with_head(once_usable(app.asgi_handler, usable))))
    return app


def worker_app() -> Litestar:
    """Makes the application for a worker process of `placement serve`. The process ends with its parent process."""
    parent = multiprocessing.parent_process()
    if parent is not None and parent.pid is not None:
        end_with(parent.pid)
    settings = Settings.from_environment()
    folder = metrics_folder(settings.run)
    metrics = Shared(folder if folder.is_dir() else None)
    engines = LentEngines(engines_socket(settings.run))
    app = create_app(settings, metrics=metrics, engines=engines, group=Group(engines, settings.run))
    spare_processor()
    return app


def spare_processor() -> None:
    """Tunes the interpreter for many requests: threads switch more often, and garbage is collected less often. Objects
    that exist now are never collected.
    """
    sys.setswitchinterval(_SWITCH_SECONDS)
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECTED_EVERY)


@asynccontextmanager
async def _running(app: Litestar) -> AsyncIterator[None]:
    """Starts the engine processes before the first request, and ends them with the application."""
    await run(app.state.solver.start)
    await run(app.state.database.sealer.start)
    await run(app.state.watcher.try_to_look)
    app.state.watcher.start()
    app.state.metrics.start()
    beating = asyncio.create_task(app.state.group.beat())
    try:
        yield
    finally:
        beating.cancel()
        await run(app.state.solver.stop)
        await run(app.state.watcher.stop)
        await run(app.state.database.sealer.stop)
        await run(app.state.metrics.stop)
