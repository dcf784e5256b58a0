"""The application over a country, with a clock that stands until a test moves it."""

import io
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr

import pytest
import structlog
from litestar import Litestar
from litestar.testing import TestClient

from api.app import create_app
from api.http.budgets import Budgets
from api.http.desk_numbers import DeskNumbers
from api.http.work_queues import Lanes
from placement.audit.watcher import Watcher
from placement.core import clock
from placement.core.logging import set_up_logging
from placement.solver.engine_process import Solver
from placement.solver.previews import Previews
from placement.storage.disk_reserve import DiskReserve
from tests.support.api.service import Moment
from tests.support.stores import Country


@contextmanager
def serving(
    applications: list[Litestar], country: Country, solver: Solver
) -> Iterator[tuple[Litestar, TestClient[Litestar], Moment, io.StringIO]]:
    """Serves the application, and puts back its state afterwards. A service for one test may run within a service for
    the file of that test.
    """
    if not applications:
        applications.append(create_app(country.settings, country.database))
    [app] = applications
    held, configured = app.state.dict(), structlog.get_config()
    app.state.update(
        {
            "settings": country.settings,
            "database": country.database,
            "solver": solver,
            "previews": Previews(solver.for_previews()),
            "reserve": DiskReserve(None, 0),
            "desk_numbers": DeskNumbers(),
            "budgets": Budgets(country.settings, country.database),
            "lanes": Lanes(country.settings),
        }
    )
    moment, log = Moment(), io.StringIO()
    app.state.watcher = Watcher(country.database, country.settings, moment.seconds)
    with redirect_stderr(log):  # the log goes to where standard error is when it is set up
        set_up_logging()
    client = TestClient(app, raise_server_exceptions=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", moment.now)
        with client.portal() as client.blocking_portal:  # else each request starts a thread and a loop of its own
            yield app, client, moment, log
    app.state.database.close()  # a test may have put another in its place
    app.state.update(held)
    structlog.configure(**configured)
