"""The service of the tests of the API, for attackers who fill its store through the front door."""

from collections.abc import Iterator

import pytest
from litestar import Litestar

from placement.solver.engine_process import Solver
from tests.support.api.service import Service
from tests.support.api.serving import serving
from tests.support.stores import Country


@pytest.fixture
def service(country: Country, solver: Solver, applications: list[Litestar]) -> Iterator[Service]:
    with serving(applications, country, solver) as served:
        yield Service(country, *served)
