"""Rows and a log in doubt: how they are shown to a person, and how two persons release them."""
