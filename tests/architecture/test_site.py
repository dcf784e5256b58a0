"""The site that `make docs` makes: links as a reader of the site needs them, flowcharts as pictures, every route."""

import re
import sys

import pytest
import yaml

from api.v1.routes import ROUTES
from tests.support.paths import ROOT


@pytest.fixture(scope="module", autouse=True)
def scripts():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / ".ci" / "site")
        yield
    for name in ("foreign", "pages", "reference"):
        sys.modules.pop(name, None)


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
def test_link_of_the_repository_becomes_one_of_the_site(here, written, of_site):
    import pages  # noqa: PLC0415

    path = {page: path for path, page in pages.BESIDE.items()}.get(here, f"docs/{here}")
    assert pages.of_site(f"[a]({written})", here, path) == f"[a]({of_site})"


@pytest.mark.parametrize(
    "asks",
    [
        '<script src="https://cdn.example/x.js"></script>',
        '<link rel="stylesheet" href="https://fonts.example/css">',
        '<img alt="" src="http://example.org/a.png">',
    ],
)
def test_page_that_asks_another_host_is_a_fault(tmp_path, asks):
    import foreign  # noqa: PLC0415

    (tmp_path / "index.html").write_text('<a href="https://example.org">there</a>')
    assert list(foreign.faults(tmp_path)) == []
    (tmp_path / "index.html").write_text(f"<p>{asks}</p>")
    assert [one.partition(":")[0] for one in foreign.faults(tmp_path)] == ["index.html asks another host"]


@pytest.mark.wide
def test_reference_has_every_route_and_every_model():
    import reference  # noqa: PLC0415

    paths = ROUTES.route_handler_method_map
    routes = {(method, path.replace(":str}", "}")) for path, methods in paths.items() for method in methods}
    written = "\n".join("\n".join(reference._group(tag)) for tag in reference._tags())
    found = set(re.findall(r"^## ([A-Z]+) (\S+)$", written, re.MULTILINE))
    assert found == {(str(method), path) for method, path in routes if str(method) != "OPTIONS"}
    models = set(re.findall(r"^## (\w+)$", "\n".join(reference._models()), re.MULTILINE))
    assert models == set(reference.description()["components"]["schemas"])
    assert set(re.findall(r"\(models.md#(\w+)\)", written)) <= {model.lower() for model in models}


def names_in(navigation):
    for entry in navigation:
        for inner in entry.values():
            yield from [inner] if isinstance(inner, str) else names_in(inner)


def test_navigation_has_each_page_and_no_page_replaces_another(tmp_path):
    import pages  # noqa: PLC0415
    import reference  # noqa: PLC0415

    made = [*pages.BESIDE.values(), *(f"http/{name}" for name in reference.pages())]
    docs = [file.relative_to(ROOT / "docs").as_posix() for file in (ROOT / "docs").rglob("*") if file.is_file()]
    assert sorted({*made} & {*docs}) == []
    pages.write(tmp_path)
    [nav] = re.findall(r"^nav:\n(.*)", (ROOT / "mkdocs.yml").read_text(), re.MULTILINE | re.DOTALL)
    written = sorted(file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*.md"))
    assert sorted(names_in(yaml.safe_load(nav))) == written


def test_ci_builds_the_site_and_hears_of_every_warning():
    makefile, ci = (ROOT / "Makefile").read_text(), (ROOT / ".ci" / "run").read_text()
    assert "make docs" in ci.splitlines()
    assert "\t$(BIN)/mkdocs build --strict\n" in makefile  # with --quiet a warning would not fail it
