"""The service over the small country: a new service for each test, or a shared service for all tests of a file."""

from collections.abc import Iterator

import pytest
from litestar import Litestar

from placement.solver.engine_process import Solver
from tests.support.api.empty_service import Begun
from tests.support.api.service import Service, served
from tests.support.api.serving import serving
from tests.support.stores import EACH_STORE, Country, FileRequest, Stores


@pytest.fixture
def country(stores: Stores) -> Country:
    """The small country, and more users."""
    return stores.make("served", served)


@pytest.fixture
def service(country: Country, solver: Solver, applications: list[Litestar]) -> Iterator[Service]:
    with serving(applications, country, solver) as parts:
        yield Service(country, *parts)


@pytest.fixture
def begun(empty: Country, solver: Solver, applications: list[Litestar]) -> Iterator[Begun]:
    """Yields the service over a store without a row."""
    with serving(applications, empty, solver) as parts:
        yield Begun(empty, *parts)


@pytest.fixture(scope="module", params=EACH_STORE)
def shared(request: pytest.FixtureRequest, solver: Solver, applications: list[Litestar]) -> Iterator[Service]:
    """Yields a service for tests that leave nothing behind, or that accept the traces of others."""
    stores = Stores(FileRequest(request), request.param)
    country = stores.make("served", served)
    with serving(applications, country, solver) as parts:
        yield Service(country, *parts)
    stores.close()
