"""The language of an answer: `Accept-Language` chooses among the catalogue's languages."""

from api.http.connections import AnyConnection
from placement.text.catalogue import Language, languages


def language_of(connection: AnyConnection) -> Language:
    """Returns the preferred language. Of equally preferred languages: the default, or else the first by code."""
    wishes = _wishes(connection.headers.get("accept-language", ""))
    liked = {language: wishes.get(language, wishes.get("*", 0.0)) for language in languages()}
    return max(liked, key=lambda language: liked[language])


def _wishes(header: str) -> dict[str, float]:
    """Returns the weight of each language, from 0 to 1. `en-GB` counts as `en`. Ignores invalid entries."""
    wishes: dict[str, float] = {}
    for part in header.split(","):
        tag, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((value[2:] for value in parameters if value.startswith("q=")), "1")
        try:
            liking = float(quality)
        except ValueError:
            continue
        if 0 <= liking <= 1:  # also false for NaN
            language = tag.split("-")[0]
            wishes[language] = max(liking, wishes.get(language, 0.0))
    return wishes
