"""Programs of Debian that a test with the marker `system` needs."""

import os
import shutil

import pytest


def program(name: str) -> str:
    """Returns the path of a program. The test fails if it is not installed."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        pytest.fail(f"{name} is not installed: run `make system-deps`")
    return found
