"""A package, so that the `tests` of an installed distribution (Canaille has one) is not imported in its place."""
