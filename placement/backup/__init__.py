"""Backup of database, key store, log heads and settings as a whole, and its restore."""
