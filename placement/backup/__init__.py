"""Backup of database, key store, log heads and settings as one thing, and the way back."""
