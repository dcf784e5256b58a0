"""What a hard rule is called, in a word or two: where it stands in a list, or in a sentence, without its figures."""

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
    """A rule without a name is a fault of ours: KeyError."""
    return _NAMES[rule][LANGUAGES.index(language)]
