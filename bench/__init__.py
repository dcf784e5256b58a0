"""Measures the engine on generated problems: `make bench`. Never part of the service."""
