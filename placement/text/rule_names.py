"""Short names of the hard rules: for lists, and within sentences, without their figures."""

from placement.text.catalogue import Language, translate


def rule_name(rule: str, language: Language) -> str:
    """The name of a rule. A rule without a name is a programming error: KeyError."""
    return translate("rule", rule, language)
