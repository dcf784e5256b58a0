"""The retention schedule (`schedule.py`) in words: what each kind is, and why it is kept so long."""

from placement.retention.kinds import Kind
from placement.text.catalogue import Language, translate


def in_words(kind: Kind, language: Language) -> tuple[str, str, str]:
    """What it is, since which event it is kept, and why so long. Raises `KeyError` for a kind without words."""
    return (
        translate("retention.what", kind.name, language),
        translate("retention.since", kind.since, language),
        translate("retention.why", kind.name, language),
    )
