"""Requests of a person that another person answers: a table, a life cycle, and a declaration for each kind."""
