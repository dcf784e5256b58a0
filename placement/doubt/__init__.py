"""Display and release of rows and of a log in doubt, which may have been changed outside the service. Two persons
release them.
"""
