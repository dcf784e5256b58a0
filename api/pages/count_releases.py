"""The pages of published counts: the list, with the form that asks to publish counts, and a publication with the method
by which its figures were protected.
"""

from dataclasses import dataclass

from litestar import Response
from litestar.params import FromPath

from api.http.context import RequestActs
from api.http.methods import get
from api.http.work_kinds import Work
from api.pages.declared_pages import form
from api.pages.frame import Page, Wrong, page, page_at
from api.pages.translation import reader_language
from api.v1 import count_releases as routes
from api.v1.count_releases import CountFiguresOut, CountReleasesOut, is_released, release_of
from api.v1.release_layout import lay_out_release, name_of
from placement.access.permissions import Permission
from placement.core.context import Act
from placement.core.periods import PeriodKind, period_of
from placement.reports.render.html import fragment_of_layout

HERE = "/counts/releases"


@dataclass(frozen=True, slots=True)
class Releases:
    releases: CountReleasesOut
    last_day: str
    """A day of the last finished quarter."""


@dataclass(frozen=True, slots=True)
class ReleaseShown:
    release: CountFiguresOut


@page_at(HERE, permission=Permission.COUNT_RELEASES_READ)
def show_releases(request: Page, acts: RequestActs, wrong: Wrong | None = None) -> Response[str]:
    language = reader_language(request)

    def found(act: Act) -> Releases:
        last = period_of(PeriodKind.QUARTER, act.day).previous.begins_on.isoformat()
        return Releases(routes.list_count_releases(act), last)

    view = acts.show("count_releases", found, Permission.COUNT_RELEASES_READ)
    names = {one.id: name_of(PeriodKind(one.kind), one.begins_on, language) for one in view.releases.items}
    return page(request, "count_releases.html", view, wrong, names=names)


ask = form(HERE, routes.ask_count_release, show_releases, to=HERE)


@get(f"{HERE}/{{release_id:str}}", work=Work.SLOW, permission=Permission.COUNT_RELEASES_READ)
def show_release(request: Page, acts: RequestActs, release_id: FromPath[str]) -> Response[str]:
    """Shows the figures of a release with charts, and its method."""

    def found(act: Act) -> ReleaseShown:
        return ReleaseShown(routes.figures_of_release(act, release_id))

    view = acts.show("count_release", found, Permission.COUNT_RELEASES_READ)
    one = view.release
    laid_out = lay_out_release(release_of(one), one.as_of, reader_language(request), is_released=is_released(one))
    return page(request, "count_release.html", view, shown=fragment_of_layout(laid_out), title=laid_out.title)
