"""Releases of counts: figures of a quarter or year, computed once, protected against disclosure, never changed."""
