"""Codes of what two registrations are to each other."""

from enum import StrEnum


class LinkKind(StrEnum):
    """What one registration is to another; said of the pair, and seen from both."""

    ASKED = "asked"  # alike, and no user who sees one may see the other: the desk is asked
    SAME_CLIENT = "same_client"  # one client, registered twice; both go on
    RELATED = "related"  # other clients, who belong to each other
    DIFFERENT = "different"  # alike, and other clients
    MERGED = "merged"  # one client; the first was closed as a duplicate, and the other goes on


class Agrees(StrEnum):
    """In what two registrations agree."""

    ALIAS = "alias"
    PERSONS = "persons"  # gender, and age give or take a year
    LANGUAGES = "languages"
    PLACE = "place"  # the registrant's unit, or the responsible municipality
    REGISTRANT = "registrant"
    BASIS = "basis"  # of residence
    REGION = "region"
    DAY = "day"  # of registration, give or take three
