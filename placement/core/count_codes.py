"""Codes of count records. The lists that change with the law are dated data (`placement/counts/code_lists.toml`)."""

from enum import StrEnum

UNKNOWN = "unknown"
NO_SECTOR = "none"
"""The sector of a form of exploitation that has no sector."""
MINORS = frozenset({"0-11", "12-17"})
"""The age bands below the age of majority."""


class CountFile(StrEnum):
    """The kind of file that the centre has of a person."""

    COUNT_ONLY = "count_only"
    WITH_SHELTER = "with_shelter"
    WITH_ADVICE = "with_advice"


class CountStatus(StrEnum):
    """The status of a version of a count record. Only valid records are counted."""

    VALID = "valid"
    MERGED = "merged"  # another record is about the same person, and is counted for both
    WITHDRAWN = "withdrawn"  # it should not have been sent


class ReleaseStatus(StrEnum):
    """The state of a release of counts."""

    ASKED = "asked"  # until the daily job has made it
    MADE = "made"  # until a second analyst releases it
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
