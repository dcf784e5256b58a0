"""The practice room. In the real service, the page shows how to start it, and its link. In the practice room, the page
shows its scenes, its clock and its messages, which are not sent.
"""

from typing import Annotated

from litestar import Response
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, QueryParameter

from api.http.context import RequestActs
from api.http.methods import get
from api.pages.declared_pages import form, screen
from api.pages.frame import Page, page
from api.v1 import practice
from placement.access.permissions import Permission
from placement.core.practice_codes import SceneCode

HERE = "/practice"

show = screen(HERE, "practice.html", room=practice.read_practice)
begin = form(f"{HERE}/scene", practice.begin_scene, show)
move = form(f"{HERE}/clock", practice.move_clock, show)
post = screen(f"{HERE}/messages", "practice_messages.html", kept=practice.list_kept_messages)


@get(f"{HERE}/scenes/{{scene:str}}", permission=Permission.PRACTICE_READ)
def show_scene(
    request: Page, acts: RequestActs, scene: FromPath[str], after: Annotated[bool, QueryParameter()] = False
) -> Response[str]:
    """Shows the task of a scene, for printing. `after`: compares what was done with the steps of a good colleague."""
    if scene not in set(SceneCode):
        raise NotFoundException
    found = acts.show("practice_scene", lambda act: practice.read_scene(act, SceneCode(scene)))
    return page(request, "practice_scene.html", one=found, after=after)
