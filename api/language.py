"""In which language a reader is answered: `Accept-Language`, else Dutch."""

from babel.core import negotiate_locale
from litestar.connection import ASGIConnection

from placement.words import LANGUAGES, Language


def language_of(connection: ASGIConnection) -> Language:  # type: ignore[type-arg]  # any connection has headers
    """`nl` or `en`: the one that the reader likes best of those that we speak."""
    accepted = []
    for part in connection.headers.get("accept-language", "").split(","):
        tag, _, quality = part.partition(";q=")
        try:
            accepted.append((-float(quality or 1), tag.strip().split("-")[0].lower()))
        except ValueError:
            continue  # a quality that is no number says nothing
    liked = [tag for _, tag in sorted(accepted, key=lambda pair: pair[0])]
    chosen = negotiate_locale(liked, list(LANGUAGES))
    return next((language for language in LANGUAGES if language == chosen), LANGUAGES[0])
