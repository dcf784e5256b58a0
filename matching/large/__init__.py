"""The method for problems that are too large to solve as a whole. Prices of beds prove an upper bound and lead to a
first solution, which neighbourhood search improves.

docs/guide/matching-scale.md explains the method. `search.py` is the entry point.
"""
