"""Short names of the hard rules: for lists, and within sentences, without their figures."""

from placement.text.messages import LANGUAGES, Language

_NAMES: dict[str, tuple[str, str]] = {
    "scheme": ("regeling", "scheme"),
    "gender": ("geslacht", "gender"),
    "mixed_accepted": ("gemengd huis", "mixed house"),
    "age": ("leeftijd", "age"),
    "children": ("kinderen", "children"),
    "language": ("taal", "language"),
    "threat_distance": ("veilige afstand", "safe distance"),
    "avoided_region": ("gemeden regio", "avoided region"),
    "avoided_location": ("gemeden locatie", "avoided location"),
    "avoided_provider": ("gemeden aanbieder", "avoided provider"),
    "avoided_unit": ("gemeden unit", "avoided unit"),
    "needs": ("nodige hulp", "needs"),
    "keep_apart": ("uit elkaar houden", "kept apart"),
    "high_care": ("zware zorg", "high care"),
    "rooms": ("kamers en bedden", "rooms and beds"),
}


def rule_name(rule: str, language: Language) -> str:
    """The name of a rule. A rule without a name is a programming error: KeyError."""
    return _NAMES[rule][LANGUAGES.index(language)]
