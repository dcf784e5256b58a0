"""The two solvers. The code here does not depend on the subject of a model."""
