"""The method for problems that are too large to solve as a whole. Prices of beds prove an upper bound and give a first
solution. A neighbourhood search then improves the solution.

docs/guide/matching-scale.md explains the method. `search.py` is the entry point.
"""
