"""Dated rules: the rule of each day, with its ground and source (`docs/guide/registrations.md`)."""
