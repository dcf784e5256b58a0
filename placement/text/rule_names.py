"""Short names of the hard rules, for use in lists and within sentences. They contain no figures."""

from placement.text.catalogue import Language, translate


def rule_name(rule: str, language: Language) -> str:
    """Returns the short name of a rule. Raises `KeyError` if the rule has no name, which is a programming error."""
    return translate("rule", rule, language)
