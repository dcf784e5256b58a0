"""Codes of links between two registrations."""

from enum import StrEnum


class LinkKind(StrEnum):
    """The kind of a link between two registrations. It is stored once and has the same meaning for both."""

    ASKED = "asked"  # similar, but no user may see both cases: the desk is asked
    SAME_CLIENT = "same_client"  # one client who is registered twice; both cases stay open
    RELATED = "related"  # different clients who belong together
    DIFFERENT = "different"  # similar, but different clients
    MERGED = "merged"  # one client; the first case was closed as a duplicate, and the other stays open


class Agrees(StrEnum):
    """A fact in which two registrations agree."""

    ALIAS = "alias"
    PERSONS = "persons"  # gender, and age within a year
    LANGUAGES = "languages"
    PLACE = "place"  # the registrant's unit, or the responsible municipality
    REGISTRANT = "registrant"
    BASIS = "basis"  # the basis of residence
    REGION = "region"
    DAY = "day"  # the day of registration, within three days
