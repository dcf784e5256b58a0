"""Outgoing messages, by email and by webhook."""
