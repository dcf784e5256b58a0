"""The service over the small country: a new one for each test, or one for all tests of a file."""

import io
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr
from typing import Any

import pytest
from litestar.testing import TestClient

from api.app import create_app
from placement import clock
from placement.solving import Solver
from tests.api.service import Moment, Service
from tests.conftest import Country, Stores


@pytest.fixture(scope="session")
def solver() -> Iterator[Solver]:
    """One engine process for all tests; it may take its time, so that a busy machine does not make it degraded."""
    made = Solver(60.0)
    yield made
    made.stop()


@pytest.fixture
def service(country: Country, solver: Solver) -> Iterator[Service]:
    with _serving(country, solver) as made:
        yield made


class AnyTest:
    """`Stores` asks for the folder of one test; here it is one for all tests of a file."""

    def __init__(self, request: pytest.FixtureRequest) -> None:
        self._request = request

    def getfixturevalue(self, name: str) -> Any:
        if name == "tmp_path":
            return self._request.getfixturevalue("tmp_path_factory").mktemp("file")
        return self._request.getfixturevalue(name)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shared(request: pytest.FixtureRequest, solver: Solver) -> Iterator[Service]:
    """For tests that leave nothing behind, or do not mind what others leave."""
    stores = Stores(AnyTest(request), request.param)
    with _serving(stores.make("small"), solver) as made:
        yield made
    stores.close()


@contextmanager
def _serving(country: Country, solver: Solver) -> Iterator[Service]:
    moment = Moment()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "now", moment.now)
        log = io.StringIO()
        with redirect_stderr(log):  # the log goes to where standard error is when the service is made
            app = create_app(country.settings, country.database)
        app.state.solver = solver
        client = TestClient(app, raise_server_exceptions=False)
        with client.portal() as client.blocking_portal:  # else each request starts a thread and a loop of its own
            yield Service(country, app, client, moment, log)
