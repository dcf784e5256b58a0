"""Releases of counts: figures of a quarter or year that are computed once, protected against disclosure, and never
changed.
"""
