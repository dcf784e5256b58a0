"""Problems too large to solve whole: prices for beds, a bound from them, a first answer, and its improvement.

docs/engine-scale.md explains the method. `search.py` is the way in.
"""
