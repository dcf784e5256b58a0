"""Writes the pages of the site, for any generator of sites: `python .ci/site/pages.py FOLDER`.

FOLDER gets a copy of `docs/`, the pages beside it (README and others), and the reference of the HTTP API. A link in a
page is written for a reader of the repository; in FOLDER it is a link for a reader of the site.
"""

import posixpath
import re
import shutil
import sys
from pathlib import Path

import reference

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

_LINK = re.compile(r"(?<=\]\()([^)\s:#]+)")


def write(folder: Path) -> None:
    """Writes the folder anew."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(ROOT / "docs", folder, ignore=shutil.ignore_patterns("changes"))  # fragments of the changelog
    for path, page in BESIDE.items():
        _write(folder / page, (ROOT / path).read_text())
    for name, text in reference.pages().items():
        _write(folder / "http" / name, text)
    paths = {page: path for path, page in BESIDE.items()}
    for file in folder.rglob("*.md"):
        page = file.relative_to(folder).as_posix()
        file.write_text(of_site(file.read_text(), page, paths.get(page, f"docs/{page}")))


def of_site(text: str, page: str, path: str) -> str:
    """Returns the text with links of the site. `page`: its path in the site. `path`: its path in the repository."""

    def link(found: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), found[1]))
        return posixpath.relpath(BESIDE.get(target, target.removeprefix("docs/")), posixpath.dirname(page) or ".")

    return _LINK.sub(link, text)


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
