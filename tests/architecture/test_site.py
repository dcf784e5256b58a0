"""The site that `make docs` makes: links as a reader of the site needs them, flowcharts as pictures, every route."""

import importlib.util
import re
from types import SimpleNamespace

import pytest
from mkdocs.exceptions import PluginError

from api.v1.routes import ROUTES
from tests.support.paths import ROOT


def hook(name):
    spec = importlib.util.spec_from_file_location(f"site_{name}", ROOT / ".ci" / "site" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def pages():
    return hook("pages")


def page(name):
    return SimpleNamespace(file=SimpleNamespace(src_uri=name))


@pytest.mark.parametrize(
    ("here", "written", "of_site"),
    [
        ("index.md", "docs/guide/audit.md#figures", "guide/audit.md#figures"),
        ("index.md", "CONTRIBUTING.md", "contributing.md"),
        ("security.md", "../SECURITY.md", "reporting.md"),
        ("guide/audit.md", "../decisions/0011-hash-chain.md", "../decisions/0011-hash-chain.md"),
        ("guide/audit.md", "retention.md", "retention.md"),
        ("guide/audit.md", "#figures", "#figures"),
        ("guide/outbox.md", "https://www.standardwebhooks.com/", "https://www.standardwebhooks.com/"),
    ],
)
def test_link_of_the_repository_becomes_one_of_the_site(pages, here, written, of_site):
    assert pages.on_page_markdown(f"[a]({written})", page=page(here)) == f"[a]({of_site})"


@pytest.mark.parametrize(
    "asks",
    [
        '<script src="https://cdn.example/x.js"></script>',
        '<link rel="stylesheet" href="https://fonts.example/css">',
        '<img alt="" src="http://example.org/a.png">',
    ],
)
def test_page_that_asks_another_host_fails_the_build(pages, asks):
    with pytest.raises(PluginError, match="asks another host"):
        pages.on_post_page(f"<p>{asks}</p>", page=page("index.md"))
    assert pages.on_post_page('<a href="https://example.org">there</a>', page=page("index.md"))


def test_reference_has_every_route_and_every_model():
    reference = hook("reference")
    paths = ROUTES.route_handler_method_map
    routes = {(method, path.replace(":str}", "}")) for path, methods in paths.items() for method in methods}
    written = "\n".join("\n".join(reference._group(tag)) for tag in reference._tags())
    found = set(re.findall(r"^## ([A-Z]+) (\S+)$", written, re.MULTILINE))
    assert found == {(str(method), path) for method, path in routes if str(method) != "OPTIONS"}
    models = set(re.findall(r"^## (\w+)$", "\n".join(reference._models()), re.MULTILINE))
    assert models == set(reference.description()["components"]["schemas"])
    assert set(re.findall(r"\(models.md#(\w+)\)", written)) <= {model.lower() for model in models}


def test_ci_builds_the_site_and_hears_of_every_warning():
    makefile, ci = (ROOT / "Makefile").read_text(), (ROOT / ".ci" / "run").read_text()
    assert "make docs" in ci.splitlines()
    assert "\t$(BIN)/mkdocs build --strict\n" in makefile  # with --quiet a warning would not fail it
