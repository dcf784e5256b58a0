"""The two solvers, used without knowledge of what a model is about."""
