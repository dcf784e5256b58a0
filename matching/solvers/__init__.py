"""The two solvers, CP-SAT and HiGHS. Nothing here depends on the meaning of a model."""
