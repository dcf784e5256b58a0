"""Codes of count records. The lists that change with the law are dated data (`placement/counts/code_lists.toml`)."""

from enum import StrEnum

UNKNOWN = "unknown"
NO_SECTOR = "none"
"""The sector of a form of exploitation that has no sector."""
MINORS = frozenset({"0-11", "12-17"})
"""The age bands of minors."""


class CountFile(StrEnum):
    """The kind of file that the centre has of a person."""

    COUNT_ONLY = "count_only"
    WITH_SHELTER = "with_shelter"
    WITH_ADVICE = "with_advice"


class CountStatus(StrEnum):
    """The status of a version of a count record. Only valid records are counted."""

    VALID = "valid"
    MERGED = "merged"  # another record about the same person replaces this record
    WITHDRAWN = "withdrawn"  # the record should not have been sent


class ReleaseStatus(StrEnum):
    """The state of a release of counts."""

    ASKED = "asked"  # requested; the daily job has not made it yet
    MADE = "made"  # made; a second analyst has not released it yet
    FAILED = "failed"  # it has too few records, or cannot be protected
    RELEASED = "released"


class CountList(StrEnum):
    """The dated lists of codes."""

    EXPLOITATION = "exploitation"
    SECTOR = "sector"
    MEANS = "means"
    RECRUITMENT = "recruitment"
    COUNTRY = "country"
    AGE = "age"
    GENDER = "gender"
    GROUND = "ground"
