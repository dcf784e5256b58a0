"""Outgoing messages: by mail, webhook, push and SMS."""
