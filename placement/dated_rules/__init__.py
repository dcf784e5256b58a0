"""Dated rules: which rule holds on which day, with its ground and source (`docs/guide/registrations.md`)."""
