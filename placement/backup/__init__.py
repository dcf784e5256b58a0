"""Backup and restore of the whole service: database, key store, heads of the log, and settings."""
