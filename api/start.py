"""The start page and the page of the API's description: two plain pages, every file of them our own."""

from pathlib import Path
from typing import Any

from litestar import MediaType, Request, Response, Router, get
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import OpenAPIRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.static_files import create_static_files_router

from api.language import language_of

_HERE = Path(__file__).parent
_PAGES = {language: (_HERE / "templates" / f"start.{language}.html").read_text() for language in ("nl", "en")}
_SCHEMA_PAGE = (_HERE / "templates" / "schema.html").read_bytes()

static_files = create_static_files_router(
    path="/static", directories=[_HERE / "static"], opt={"public": True}, include_in_schema=False
)


@get("/", public=True, include_in_schema=False, sync_to_thread=False)
def start_page(request: Request[Any, Any, Any]) -> Response[str]:
    """What this is, and where to go on."""
    language = language_of(request)
    headers = {"Content-Language": language, "Vary": "Accept-Language"}
    return Response(_PAGES[language], media_type=MediaType.HTML, headers=headers)


class SchemaPage(OpenAPIRenderPlugin):
    """The description of the API, to read and to try: Swagger UI, from our own files."""

    def render(self, request: Request[Any, Any, Any], openapi_schema: dict[str, Any]) -> bytes:
        _ = request, openapi_schema  # the page fetches it from /schema/openapi.json
        return _SCHEMA_PAGE


def openapi(version: str) -> OpenAPIConfig:
    """OpenAPI 3.1 at /schema/openapi.json, and its page at /schema."""
    return OpenAPIConfig(
        title="Placement",
        version=version,
        description="Shelter capacity and placement matching for presumed victims of human trafficking.",
        use_handler_docstrings=True,
        components=Components(security_schemes={"token": SecurityScheme(type="http", scheme="bearer")}),
        security=[{"token": []}],
        render_plugins=[SchemaPage(path="/")],
        openapi_router=Router("/schema", route_handlers=[], include_in_schema=False, opt={"public": True}),
    )
