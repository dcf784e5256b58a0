"""The two solvers, and what is asked of them without knowing what a model is about."""
