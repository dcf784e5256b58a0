"""Benchmarks of the engine on generated problems: `make bench`. Not part of the service."""
