"""The public page: how to reach the help desk, and the emergency number. It stores nothing about the visit."""

from datetime import time

from babel.dates import format_time, get_day_names
from litestar import MediaType, Response

from api.http.connections import AnyRequest
from api.http.language import language_of
from api.http.methods import get
from api.http.problems import problem
from api.http.work_kinds import Work
from api.pages.rendering import text_of
from placement.core.settings import Settings
from placement.text.catalogue import Language, languages

EXIT = "https://www.knmi.nl/"
"""A weather page, for a visitor who must leave the page quickly."""


@get("/public", public=True, work=Work.FREE, include_in_schema=False, sync_to_thread=False)
def public_help(request: AnyRequest) -> Response[str] | Response[bytes]:
    """Shows the page in every language, the reader's first. It has no script, cookie or form, and reads no database."""
    settings: Settings = request.app.state.settings
    if not settings.public_telephone:
        return problem(request, 404, "not_found")
    first = language_of(request)
    parts = [(one, _part(one, settings)) for one in sorted(languages(), key=lambda one: one != first)]
    headers = {"Content-Language": ", ".join(one for one, _ in parts), "Vary": "Accept-Language"}
    page = text_of("public.html", first, parts=parts)
    return Response(page, media_type=MediaType.HTML, headers=headers)


def _part(language: Language, settings: Settings) -> str:
    names = get_day_names("wide", locale=language)
    days = [names[day - 1] for day in sorted(settings.duty_days)]
    hours = [format_time(time(hour), "HH:mm", locale=language) for hour in settings.duty_hours]
    email = settings.contact.email if settings.contact else ""
    facts = {"number": settings.public_telephone, "days": ", ".join(days), "hours": hours, "email": email}
    return text_of("public_part.html", language, exit=EXIT, **facts)
