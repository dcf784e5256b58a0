"""Texts of the retention schedule (`schedule.py`): for each kind a description, and the reason for its term."""

from placement.retention.kinds import Kind
from placement.text.catalogue import Language, translate


def in_words(kind: Kind, language: Language) -> tuple[str, str, str]:
    """Returns a kind's description, beginning and reason of its term. Raises `KeyError` if a text is missing."""
    return (
        translate("retention.what", kind.name, language),
        translate("retention.since", kind.since, language),
        translate("retention.why", kind.name, language),
    )
