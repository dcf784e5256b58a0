"""Dated rules: which rule is valid on which day, with its ground and source (`docs/guide/registrations.md`)."""
