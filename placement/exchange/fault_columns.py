"""For each field of the register's operations: the column of a file at which a fault in the field is reported."""

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
"""The columns of each field whose column has another name, the preferred column first."""
