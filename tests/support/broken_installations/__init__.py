"""Broken installations, a function each that breaks a good one as an operator or a thief does."""

from tests.support.broken_installations import keys_and_log, settings_and_store, surroundings
from tests.support.broken_installations.hands import ROWS, SQLITE, TABLE, Hands

__all__ = ("ROWS", "SQLITE", "TABLE", "Hands", "keys_and_log", "settings_and_store", "surroundings")
