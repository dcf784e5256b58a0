"""Requests of one person that another person answers: one table, one life, and a row for each kind."""
