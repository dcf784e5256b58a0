"""Releases of counts: figures of a quarter or year that are built once, protected, and then never changed."""
