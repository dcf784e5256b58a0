"""Dated rules: the rules that are valid on a day, with their grounds and sources (`docs/guide/registrations.md`)."""
