"""In which language a reader is answered: `Accept-Language`, else Dutch."""

from typing import Any

from litestar.connection import ASGIConnection

from placement.text.messages import LANGUAGES, Language


def language_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Language:
    """`nl` or `en`: the one that the reader likes best of those that we speak, Dutch where both are liked alike."""
    wishes = _wishes(connection.headers.get("accept-language", ""))
    liked = {language: wishes.get(language, wishes.get("*", 0.0)) for language in LANGUAGES}
    return max(LANGUAGES, key=lambda language: liked[language])


def _wishes(header: str) -> dict[str, float]:
    """How much each language is liked, from 0 to 1; `en-GB` counts for `en`. What cannot be read says nothing."""
    wishes: dict[str, float] = {}
    for part in header.split(","):
        tag, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((value[2:] for value in parameters if value.startswith("q=")), "1")
        try:
            liking = float(quality)
        except ValueError:
            continue
        if 0 <= liking <= 1:  # false for NaN too
            language = tag.split("-")[0]
            wishes[language] = max(liking, wishes.get(language, 0.0))
    return wishes
