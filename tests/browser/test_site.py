"""The site of `make docs` in a browser: diagrams are drawn, and no other host is asked."""

import os
import re
import subprocess
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from tests.support.paths import ROOT

PAGES = ["architecture", "guide/lifecycles"]


class Silent(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        """Logs no request."""


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    pages, folder = tmp_path_factory.mktemp("pages"), tmp_path_factory.mktemp("site")
    command = [str(Path(sys.executable).parent / "mkdocs"), "build", "--strict", "--site-dir", str(folder)]
    subprocess.run([sys.executable, ".ci/site/pages.py", str(pages)], cwd=ROOT, check=True)
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, env={**os.environ, "SITE_PAGES": str(pages)})
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Silent, directory=str(folder)))
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.wide
@pytest.mark.parametrize("page", PAGES)
def test_diagrams_of_the_site_are_drawn_without_another_host(site, chromium, page):
    source = (ROOT / "docs" / f"{page}.md").read_text()
    tab = chromium.new_page()
    asked, faults = [], []
    tab.on("request", lambda request: asked.append(request.url))
    tab.on("pageerror", lambda fault: faults.append(str(fault)))
    tab.goto(f"{site}/{page}.html")
    blocks = len(re.findall(r"^```mermaid$", source, re.MULTILINE))
    tab.wait_for_function("wanted => document.querySelectorAll('div.mermaid').length === wanted", arg=blocks)
    heights = tab.eval_on_selector_all("div.mermaid", "found => found.map(one => one.offsetHeight)")
    tab.close()
    assert blocks
    assert min(heights) > 100
    assert [url for url in asked if not url.startswith((f"{site}/", "data:", "blob:"))] == []
    assert faults == []
