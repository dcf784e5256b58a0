"""The method for problems too large to solve whole: prices, an upper bound, whole choices, neighbourhood search.

docs/guide/matching-scale.md explains the method. `search.py` is the entry point.
"""
