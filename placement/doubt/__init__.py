"""Display and release of rows in doubt, and of a log in doubt. *In doubt* means that they may have been changed outside
the service. Two persons release them.
"""
