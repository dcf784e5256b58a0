"""Leaving the service: the export that includes people, and the destruction of all data keys, which a
certificate records.
"""
