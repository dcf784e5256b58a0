"""The two solvers. The code here knows nothing of what a model is about."""
