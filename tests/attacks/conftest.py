"""The service of the tests of the API, for attackers who fill its store through the front door."""

from tests.api.conftest import service

__all__ = ["service"]
