"""Requests of a person that another person answers. The package has the table, the life cycle, and the declaration of a
kind.
"""
