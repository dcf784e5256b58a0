"""The pages beside `docs/` for MkDocs: README, CONTRIBUTING and others are pages of the site, too.

A link in a page is written for a reader of the repository; here it becomes a link for a reader of the site. No page of
the site may ask another host for anything.
"""

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[2]
BESIDE = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "reporting.md",
    "CHANGELOG.md": "changelog.md",
    "fixtures/README.md": "guide/fixtures.md",
    "LICENSE": "LICENSE.txt",
    "bench/model.py": "guide/model.py",
    **{f"matching/schemas/{file.name}": f"schemas/{file.name}" for file in (ROOT / "matching/schemas").iterdir()},
}
"""Path in the repository, and in the site."""

_PATHS = {site: path for path, site in BESIDE.items()}
_ELSEWHERE = re.compile(r"<(?:script|img|iframe|source)[^>]*\ssrc=\"?https?:|<link[^>]*\shref=\"?https?:|@import")
_LINK = re.compile(r"(?<=\]\()([^)\s:#]+)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    for path, site in BESIDE.items():
        files.append(File.generated(config, site, content=(ROOT / path).read_text()))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    here = page.file.src_uri
    folder = posixpath.dirname(_PATHS.get(here, f"docs/{here}"))

    def of_site(link: re.Match[str]) -> str:
        path = posixpath.normpath(posixpath.join(folder, link[1]))
        site = BESIDE.get(path, path.removeprefix("docs/"))
        return posixpath.relpath(site, posixpath.dirname(here) or ".")

    return _LINK.sub(of_site, markdown)


def on_post_page(output: str, page: Page, **_: Any) -> str:
    if found := _ELSEWHERE.search(output):
        raise PluginError(f"{page.file.src_uri} asks another host: {found[0]}")
    return output
