"""Settings of the engine for a test."""

import signal

import pytest

from matching import prepared_problem


@pytest.fixture
def everything_is_large(monkeypatch):
    """Even a small problem is solved by the large path."""
    monkeypatch.setattr(prepared_problem, "MOST_CHOICES_WHOLE", 0)


@pytest.fixture
def sigint():
    """Sends a real SIGINT (Ctrl-C) to this process, with Python's own handler in place."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield lambda: signal.raise_signal(signal.SIGINT)
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def stopped_clock(monkeypatch):
    """Stops the clock until it is set, so that a test decides when limits are reached."""
    now = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    return now
