"""A service for one test, on either store."""

from collections.abc import Iterator

import pytest

from tests.journeys.service import Service, environment_for


@pytest.fixture
def service(stores, tmp_path) -> Iterator[Service]:
    """Serves an empty store."""
    started = Service(tmp_path, environment_for(stores.blank() if stores.kind == "postgresql" else ""))
    started.start()
    yield started
    started.stop()
