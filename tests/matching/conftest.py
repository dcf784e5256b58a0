"""Settings of the engine for a test."""

import pytest

from matching import answer


@pytest.fixture
def everything_is_large(monkeypatch):
    """Even a small problem is solved by the large path."""
    monkeypatch.setattr(answer, "MOST_CHOICES_WHOLE", 0)
