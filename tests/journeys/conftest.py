"""A service for one test, on either store."""

from collections.abc import Iterator

import pytest

from tests.support.service_process import Service, environment_for


@pytest.fixture
def service(stores, tmp_path, demo) -> Iterator[Service]:
    """Serves the country that `make run` puts up."""
    if stores.kind == "postgresql":
        started = Service(tmp_path, environment_for(stores.blank()))
    else:
        started = Service(tmp_path, environment_for(), demo)
    started.start()
    yield started
    started.stop()
