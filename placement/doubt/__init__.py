"""Rows and a log in doubt, which somebody may have changed outside the service: how they are shown, and how two persons
release them.
"""
