"""The public start page, and the page with the API description. All files are the service's own."""

from pathlib import Path

from litestar import MediaType, Response, get
from litestar.config.compression import CompressionConfig
from litestar.middleware import DefineMiddleware
from litestar.middleware.compression import CompressionMiddleware
from litestar.static_files import create_static_files_router

from api.http.connections import AnyRequest
from api.pages.documentation import is_there
from api.pages.rendering import text_of
from api.pages.translation import reader_language

_HERE = Path(__file__).parents[1]
SCHEMA_PAGE = (_HERE / "templates" / "schema.html").read_bytes()

static_files = create_static_files_router(
    path="/static",
    directories=[_HERE / "static"],
    opt={"public": True},
    include_in_schema=False,
    middleware=[DefineMiddleware(CompressionMiddleware, config=CompressionConfig("gzip"))],
)
"""Static files. Only these are compressed, because they contain no secrets (docs/guide/pages.md)."""


@get("/about", public=True, include_in_schema=False, sync_to_thread=False)
def about(request: AnyRequest) -> Response[str]:
    """Shows the start page, with a description of the service and links."""
    language = reader_language(request)
    settings = request.app.state.settings
    page = text_of("start.html", language, open_schema=settings.open_schema, documented=is_there(settings))
    headers = {"Content-Language": language, "Vary": "Accept-Language, Cookie"}
    return Response(page, media_type=MediaType.HTML, headers=headers)
