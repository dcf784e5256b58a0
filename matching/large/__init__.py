"""Problems too large to solve whole: dual prices, an upper bound, a construction heuristic, neighbourhood search.

docs/guide/matching-scale.md explains the method. `search.py` is the entry point.
"""
