"""The service with a thing of every kind for each role, made once for a file."""

import pytest

from tests.support.api.contract import Contract
from tests.support.api.resources import callers_of


@pytest.fixture(scope="module")
def contract(shared, tmp_path_factory):
    return Contract(shared, callers_of(shared), tmp_path_factory.mktemp("contract"))
