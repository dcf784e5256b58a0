"""Texts of the retention schedule (`schedule.py`). For each kind of data: a description, and the reason
for its term.
"""

from placement.retention.kinds import Kind
from placement.text.catalogue import Language, translate


def in_words(kind: Kind, language: Language) -> tuple[str, str, str]:
    """Returns three texts about a kind of data: its description, the beginning of its term, and the reason for the
    term. Raises `KeyError` if a text is missing.
    """
    return (
        translate("retention.what", kind.name, language),
        translate("retention.since", kind.since, language),
        translate("retention.why", kind.name, language),
    )
