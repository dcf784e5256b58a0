"""Leaving the service: the export of all data with clients' data, and the destruction of all data keys."""
