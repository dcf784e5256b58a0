"""A quarter of a year in a practice room, as a black box: people who sign in, their own ledger, and what each morning
must show by the rules of the guides.
"""
