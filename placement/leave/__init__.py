"""Leaving the service: the export of every case, and the destruction of all data keys."""
