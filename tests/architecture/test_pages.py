"""The pages share the functions of the API, and call no route of it (docs/decisions/0019)."""

import ast
from importlib import import_module

import pytest
from litestar.handlers import BaseRouteHandler

from tests.support.paths import ROOT
from tests.support.syntax import nodes_in

PAGES = sorted((ROOT / "api" / "pages").glob("*.py"))
API = "api.v1"


def faults(source):
    """Returns each route of the API that a module names, and each function taken from behind a route (`.fn`)."""
    nodes, modules, found = nodes_in(source), {}, []
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(API):
            for one in node.names:
                if node.module == API:
                    modules[one.asname or one.name] = import_module(f"{API}.{one.name}")
                elif isinstance(getattr(import_module(node.module), one.name), BaseRouteHandler):
                    found.append(f"{node.module}.{one.name}")
    for node in nodes:
        if isinstance(node, ast.Attribute):
            held = modules.get(node.value.id) if isinstance(node.value, ast.Name) else None
            if node.attr == "fn" or isinstance(getattr(held, node.attr, None), BaseRouteHandler):
                found.append(f"{ast.unparse(node)}, line {node.lineno}")
    return found


@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.name)
def test_page_calls_no_route_of_the_api(file):
    assert faults(file.read_text()) == []


@pytest.mark.parametrize(
    "source",
    [
        "from api.v1.country import read_country",
        "from api.v1 import country\ncountry.read_country",
        "from api.v1 import country as routes\nroutes.read_country.owner",
        "handler.fn(acts)",
    ],
)
def test_route_in_a_page_is_found(source):
    assert len(faults(source)) == 1


def test_function_beside_a_route_is_no_route():
    assert faults("from api.v1.country import country, CountryOut\nfrom api.v1 import stays\nstays.stay_page") == []
