"""The documentation as a site at `/docs`. The wheel contains it as a file (`.ci/site/archive.py`)."""

from mimetypes import guess_type
from pathlib import Path
from zipfile import ZipFile

from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response import Redirect

from api.http.connections import AnyRequest
from placement.core.settings import Settings

ARCHIVE = Path(__file__).parents[1] / "site.zip"
_POLICY = (
    "default-src 'none'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""The content security policy of the documentation. Diagrams need inline styles. The hashes of inline scripts come from
the archive's comment.
"""


def is_there(settings: Settings) -> bool:
    return bool(settings.documentation) or ARCHIVE.exists()


@get("/docs", public=True, include_in_schema=False, sync_to_thread=False)
def documentation(request: AnyRequest) -> Redirect:
    """Redirects to the first page of the documentation."""
    if not is_there(request.app.state.settings):
        raise NotFoundException
    return Redirect(request.app.state.settings.documentation or "/docs/index.html")


@get("/docs/{page:path}", public=True, include_in_schema=False, sync_to_thread=True)
def documentation_file(request: AnyRequest, page: FromPath[str]) -> Response[bytes]:
    if request.app.state.settings.documentation or not ARCHIVE.exists():
        raise NotFoundException
    name = page.lstrip("/")
    with ZipFile(ARCHIVE) as archive:
        if name not in archive.namelist():
            raise NotFoundException
        policy = _POLICY.format(scripts=archive.comment.decode())
        kind = guess_type(name)[0] or "application/octet-stream"
        return Response(archive.read(name), media_type=kind, headers={"Content-Security-Policy": policy})
