"""Writes the tables of permissions into `docs/guide/access.md`: `python -m api.access_table`. A test checks that the
tables in the guide are current.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

from litestar.handlers import BaseRouteHandler

from api.http.models import Model, input_of, output_of, parts_of
from api.http.openapi import is_person_only
from api.http.readers import ANYBODY, handlers_of, roles_of
from api.v1.routes import ROUTES
from placement.core.codes import Role

PAGE = Path(__file__).parent.parent / "docs" / "guide" / "access.md"
BEGIN, END = "<!-- made by: python -m api.access_table -->\n", "<!-- end of what is made -->\n"
_ROLES = tuple(role for role in Role if role is not Role.SYSTEM)


def with_table(page: str) -> str:
    """Returns the page with its table replaced by the present table."""
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}{table()}{END}{after}"


def table() -> str:
    return "\n".join((*_routes(), "", *_fields("read", output_of), "", *_fields("write", input_of), ""))


def _routes() -> Iterator[str]:
    yield f"| route | {' | '.join(f'`{role}`' for role in _ROLES)} | with a key |"
    yield f"|---{'|---' * len(_ROLES)}|---|"
    for method, path, handler in sorted(_permitted(), key=lambda row: (row[1], row[0])):
        reaches = (handler.opt["permission"].reach.get(role, "") for role in _ROLES)
        with_a_key = "no" if is_person_only(handler.opt) else "asks" if handler.opt.get("asked") else "yes"
        yield f"| `{method} {path}` | {' | '.join(reaches)} | {with_a_key} |"


def _permitted() -> Iterator[tuple[str, str, BaseRouteHandler]]:
    """Yields method, path and handler of every route that is not public."""
    for path, methods in ROUTES.route_handler_method_map.items():
        for method, handler in methods.items():
            if handler.opt.get("permission") is not None and method != "OPTIONS":
                yield str(method), _plain(path), handler


def _plain(path: str) -> str:
    return path.replace("_id:str}", "}").replace(":str}", "}")


def _fields(act: str, model_of: Callable[[BaseRouteHandler], Model | None]) -> Iterator[str]:
    yield f"| object | fields | who may {act} them |"
    yield "|---|---|---|"
    roles: defaultdict[Model, frozenset[Role]] = defaultdict(frozenset)
    for handler in handlers_of(ROUTES):
        model = model_of(handler)
        for part in parts_of(model) if model else ():
            roles[part] |= roles_of(handler)
    for part in sorted(roles, key=lambda one: one.__name__):
        who = "anybody" if roles[part] == ANYBODY else ", ".join(f"`{role}`" for role in _ROLES if role in roles[part])
        yield f"| `{part.__name__}` | {', '.join(part.model_fields)} | {who} |"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text()))
