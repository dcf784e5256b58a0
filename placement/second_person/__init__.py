"""Requests of a person that another person answers: the life cycle, and the declaration of a kind of request."""
