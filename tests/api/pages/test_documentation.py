"""The documentation at `/docs`: from the file in the wheel, or at the address that the operator gives."""

import importlib.util
import re

import pytest

from api.pages import documentation
from tests.support.paths import ROOT
from tests.support.settings import changed

PAGE = '<script>var here = 1</script><script src="a.js"></script>'


@pytest.fixture
def site(tmp_path, monkeypatch):
    """Packs a site as `make docs` does."""
    spec = importlib.util.spec_from_file_location("archive", ROOT / ".ci" / "site" / "archive.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    for name, text in {"index.html": PAGE, "guide/begin.html": "begin", "a.js": "1"}.items():
        (tmp_path / "site" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "site" / name).write_text(text)
    script.pack(tmp_path / "site", tmp_path / "site.zip")
    monkeypatch.setattr(documentation, "ARCHIVE", tmp_path / "site.zip")
    return tmp_path / "site.zip"


@pytest.mark.usefixtures("site")
def test_site_is_served_and_its_own_scripts_are_allowed(shared):
    first = shared.client.get("/docs", follow_redirects=True)
    assert (first.url.path, first.text, first.headers["content-type"]) == (
        "/docs/index.html",
        PAGE,
        "text/html; charset=utf-8",
    )
    allowed = re.search(r"script-src ([^;]*);", first.headers["content-security-policy"])[1]
    assert re.fullmatch(r"'self' 'sha256-[\w+/]{43}='", allowed)
    assert shared.client.get("/docs/guide/begin.html").text == "begin"
    assert shared.client.get("/docs/a.js").headers["content-type"].startswith("text/javascript")
    assert '"/docs"' in shared.client.get("/about").text


@pytest.mark.usefixtures("site")
@pytest.mark.parametrize("path", ["nothing.html", "guide", "../app.py", "%2e%2e/app.py"])
def test_page_that_the_site_has_not_is_not_found(shared, path):
    assert shared.client.get(f"/docs/{path}").status_code == 404


def test_without_a_site_there_is_no_page_and_no_link(shared, site):
    site.unlink()
    assert shared.client.get("/docs").status_code == 404
    assert '"/docs"' not in shared.client.get("/about").text


@pytest.mark.usefixtures("site")
def test_address_of_the_operator_is_led_to(service):
    service.app.state.settings = changed(service.app.state.settings, documentation="https://docs.placement.example/")
    answer = service.client.get("/docs", follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (302, "https://docs.placement.example/")
    assert service.client.get("/docs/index.html").status_code == 404
