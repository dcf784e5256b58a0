"""The column of a file from which each field of the register's operations comes. A fault states the column."""

from placement.core.telephone_codes import TelephoneUse

COLUMNS_OF = {
    **{f"telephones.{use.value}": (use.value,) for use in TelephoneUse},
    "where.place": ("place",),
    "where": ("latitude",),
    "since": ("from_on",),
    "until": ("closes_on", "until_on"),
    "age_until": ("max_age",),
    "rooms": ("room",),
    "threats": ("threat",),
    "persons": ("age",),
    "languages": ("spoken",),
    "organisation": ("shelter",),
}
"""Fields of the operations whose column has another name."""
