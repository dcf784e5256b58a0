"""Changes of dated rules. A person of the desk tries a change on today's cases and requests it, and another person
grants it.
"""
