"""Leaving the service: the export of all data including clients' data, and the destruction of all data keys, which a
certificate records.
"""
