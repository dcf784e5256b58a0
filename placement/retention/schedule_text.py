"""The retention schedule (`schedule.py`) in words: a description of each kind, and the reason for its term."""

from placement.retention.kinds import Kind
from placement.text.catalogue import Language, translate


def in_words(kind: Kind, language: Language) -> tuple[str, str, str]:
    """Returns a kind's description, the beginning of its term, and its reason. Raises `KeyError` without words."""
    return (
        translate("retention.what", kind.name, language),
        translate("retention.since", kind.since, language),
        translate("retention.why", kind.name, language),
    )
