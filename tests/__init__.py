"""A package, so that the `tests` of an installed distribution (Canaille has such a package) is not imported instead."""
