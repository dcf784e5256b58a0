"""The service with a thing of every kind for each role, made once for a file."""

import pytest

from tests.support.api.callers import callers_of
from tests.support.api.contract import Contract


@pytest.fixture(scope="module")
def contract(shared, tmp_path_factory):
    made = Contract(shared, callers_of(shared), tmp_path_factory.mktemp("contract"))
    yield made
    made.examples.write()
