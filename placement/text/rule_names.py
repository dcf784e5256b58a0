"""Short names of the hard rules, for lists and within sentences, without figures."""

from placement.text.catalogue import Language, translate


def rule_name(rule: str, language: Language) -> str:
    """Returns the name of a rule. Raises `KeyError` for a rule without a name, which is a programming error."""
    return translate("rule", rule, language)
