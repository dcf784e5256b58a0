"""The service of the tests of the API, for attackers who fill its store through the front door."""

from collections.abc import Iterator

import pytest
from litestar import Litestar

from placement.solver.engine_process import Solver
from tests.support.api.service import Service, served
from tests.support.api.serving import serving
from tests.support.stores import Stores


@pytest.fixture
def service(stores: Stores, solver: Solver, applications: list[Litestar]) -> Iterator[Service]:
    country = stores.make("served", served)
    with serving(applications, country, solver) as parts:
        yield Service(country, *parts)
