"""The help desk: enquiries, their figures, and entries with answers. The packages of cases do not import it, and it
does not import them.
"""
