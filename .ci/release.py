"""Makes a release: `make release VERSION=1.0.0rc1`, on a clean working tree.

The work happens in a clone below `build/release/`; the working tree moves forward only if everything succeeded. Two
commits follow the tested commit. The first contains the version and the notes, and everything is built from it; it gets
the tag `v<version>`. The second records the release in `deploy/releases/<version>/`, which every check reads.
"""

import gzip
import hashlib
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from alembic.script import ScriptDirectory
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from placement.storage.schema_form import Schema

ROOT = Path(__file__).parents[1]
LOCKED_EXTRAS = ("pdf", "token")
"""The extras whose packages are in `requirements.txt`."""
_BEGINS = "<!-- releases: newest first -->\n"


class Refused(SystemExit):
    """A reason why no release can be made; printed, with exit code 1."""


def released(root: Path) -> list[Version]:
    """Returns the versions of the recorded releases, oldest first."""
    return sorted(Version(record.parent.name) for record in root.glob("deploy/releases/*/release.toml"))


def require_releasable(root: Path, version: str) -> None:
    """Raises `Refused` if the version is not a newer version, the tree is not clean, or no change has a fragment."""
    try:
        wanted = Version(version)
    except InvalidVersion:
        raise Refused(f"{version or 'nothing'} is no version: make release VERSION=1.0.0rc1") from None
    if str(wanted) != version:
        raise Refused(f"write the version as {wanted}")
    if (newest := released(root)[-1]) >= wanted:
        raise Refused(f"{version} is not newer than the last release, {newest}")
    if changed := _git(root, "status", "--porcelain"):
        raise Refused(f"the working tree is not clean:\n{changed}")
    if not list((root / "docs" / "changes").glob("+*.md")):
        raise Refused("docs/changes has no fragment: there is nothing to release")


class Release:
    def __init__(self, root: Path, version: str) -> None:
        self.root, self.version = root, version
        self.folder = root / "build" / "release" / version
        self.source, self.made, self.env = self.folder / "source", self.folder / "dist", self.folder / "env"

    def make(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        self.made.mkdir(parents=True)
        self._clone()
        self._write_version_and_notes()
        commit = self._commit(f"Version {self.version}")
        self._build_wheels()
        self._install(commit)
        self._record(commit)
        self._python(self.source / ".ci" / "bill_of_materials.py", self.made / "sbom.json", cwd=self.source)
        image = self._image()
        self._write_checksums()
        self._commit(f"Record release {self.version}")
        _git(self.root, "fetch", "--quiet", str(self.source), "HEAD")
        _git(self.root, "merge", "--quiet", "--ff-only", "FETCH_HEAD")
        _git(self.root, "tag", f"v{self.version}", commit)
        print(f"{self.version}: {self.made.relative_to(self.root)}, commit {commit}\nimage: {image}")  # noqa: T201 - its result

    def _clone(self) -> None:
        _git(self.root, "clone", "--quiet", "--no-tags", str(self.root), str(self.source))
        for name in ("user.name", "user.email"):
            _git(self.source, "config", name, _git(self.root, "config", name))

    def _write_version_and_notes(self) -> None:
        """Writes the version into `pyproject.toml`, and the fragments as the newest section of the changelog."""
        project = self.source / "pyproject.toml"
        text, changed = re.subn(
            r'^version = ".*"$', f'version = "{self.version}"', project.read_text(), count=1, flags=re.MULTILINE
        )
        assert changed == 1, "pyproject.toml has a line with the version"  # noqa: S101
        project.write_text(text)
        self._python("-m", "towncrier", "build", "--yes", "--version", self.version, cwd=self.source)
        section = (self.source / "CHANGELOG.md").read_text().partition(_BEGINS)[2].partition("\n## ")
        (self.made / "notes.md").write_text("## " + section[2].partition("\n## ")[0].strip() + "\n")

    def _commit(self, subject: str) -> str:
        _git(self.source, "add", "--all")
        _git(self.source, "commit", "--quiet", "--message", subject)
        return _git(self.source, "rev-parse", "HEAD")

    def _build_wheels(self) -> None:
        """Builds the wheels from an archive, in which the package knows its commit. The service has the site."""
        archive, tree = self.folder / "tree.tar", self.folder / "tree"
        _git(self.source, "archive", "--output", str(archive), "HEAD")
        shutil.unpack_archive(archive, tree, filter="data")
        pages, site = self.folder / "pages", self.folder / "site"
        self._python(tree / ".ci" / "site" / "pages.py", pages, cwd=tree)
        _run(["/usr/bin/env", f"SITE_PAGES={pages}", sys.executable, *_SITE, "--site-dir", site], tree)
        self._python(tree / ".ci" / "site" / "archive.py", site, tree / "api" / "site.zip", cwd=tree)
        self._python(tree / ".ci" / "packages.py", self.made, cwd=self.folder)

    def _install(self, commit: str) -> None:
        """Installs the wheel beside the locked packages, as an operator does, and asks for its version. The packages of
        an extra have a file of their own.
        """
        lock = locked_packages((self.source / "requirements.txt").read_text())
        install, [wheel] = self.made / "install.txt", self.made.glob("shelter_placement-*.whl")
        project = tomllib.loads((self.source / "pyproject.toml").read_text())["project"]
        plain, extras = needed_by(project["dependencies"]), project["optional-dependencies"]
        more = {extra: needed_by(extras[extra]) - plain for extra in LOCKED_EXTRAS}
        for extra, names in more.items():
            (self.made / f"install-{extra}.txt").write_text("".join(lock[name] for name in sorted(names)))
        left = set().union(*more.values())
        install.write_text("".join(line for name, line in lock.items() if name not in left) + _pinned(wheel))
        for package in sorted((self.source / "deploy" / "packages").glob("*.toml")):
            [wheel] = self.made.glob(f"shelter_placement_{package.stem}-*.whl")
            project = tomllib.loads(package.read_text())["project"]
            needed = needed_by(project.get("dependencies", ()))
            lines = [line for name, line in lock.items() if name in needed]
            (self.made / f"install-{package.stem}.txt").write_text("".join(lines) + _pinned(wheel))
        self._python("-m", "venv", "--without-pip", self.env, cwd=self.folder)
        into, links = ("--python", self.env / "bin" / "python"), ("--find-links", self.made)
        hashed = ("--require-hashes", "--requirement", install)
        self._python("-m", "pip", *_QUIET, *into, "install", *links, *hashed, cwd=self.folder)
        shown = _run([self.env / "bin" / "placement", "--version"], self.folder).decode().strip()
        assert shown == f"placement {self.version} ({commit[:8]})", shown  # noqa: S101

    def _record(self, commit: str) -> None:
        """Writes version, commit, the revisions of tables that it works with, and the description of the API."""
        record = self.source / "deploy" / "releases" / self.version
        record.mkdir()
        schema = Schema.of(ScriptDirectory(str(self.source / "placement" / "migrations")))
        facts = {"version": self.version, "commit": commit, "revision": schema.newest, "works_from": schema.works_from}
        (record / "release.toml").write_text("".join(f'{name} = "{fact}"\n' for name, fact in facts.items()))
        described = _run([self.env / "bin" / "python", "-m", "api.description"], self.folder)
        (self.made / "openapi.json").write_bytes(described)
        (record / "openapi.json.gz").write_bytes(gzip.compress(described, mtime=0))

    def _image(self) -> str:
        """Builds the image if a program for it is installed. Returns the result in words."""
        build = ROOT / ".ci" / "image.py"
        return _run([sys.executable, build, self.folder / "tree", f"placement:{self.version}"], ROOT).decode().strip()

    def _write_checksums(self) -> None:
        files = sorted(self.made.iterdir())
        (self.made / "SHA256SUMS").write_text("".join(f"{_digest(file)}  {file.name}\n" for file in files))

    def _python(self, *words: str | Path, cwd: Path) -> None:
        _run([sys.executable, *words], cwd)


_SITE = ("-m", "mkdocs", "build", "--strict", "--quiet")
_QUIET = ("--quiet", "--disable-pip-version-check")


def locked_packages(lock: str) -> dict[str, str]:
    """Returns the lines of a lock file by package, with their hashes."""
    blocks = re.findall(r"^(?:[\w.-]+(?:\[.*?\])?==.*(?:\n    .*)*)\n", lock, flags=re.MULTILINE)
    found: dict[str, str] = {}
    for block in blocks:
        name = canonicalize_name(re.split(r"[=\[]", block)[0])
        found[name] = found.get(name, "") + block
    return found


def needed_by(dependencies: Iterable[str]) -> set[str]:
    """Returns the packages that these requirements need, and those that these need in turn."""
    found: set[str] = set()
    waiting = [Requirement(line) for line in dependencies]
    while waiting:
        one = waiting.pop()
        name = canonicalize_name(one.name)
        if name not in found and (one.marker is None or one.marker.evaluate({"extra": ""})):
            found.add(name)
            waiting += [Requirement(line) for line in metadata.requires(name) or ()]
    return found


def _pinned(wheel: Path) -> str:
    """Returns the line of a requirements file that allows this wheel and no other file."""
    name, version, *_ = wheel.name.split("-")
    return f"{name.replace('_', '-')}=={version} --hash=sha256:{_digest(wheel)}\n"


def _digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _git(where: Path, *words: str) -> str:
    return _run(["/usr/bin/env", "git", *words], where).decode().strip()


def _run(command: list[str | Path], where: Path) -> bytes:
    done = subprocess.run(command, cwd=where, stdout=subprocess.PIPE, check=False)  # noqa: S603
    if done.returncode:
        raise Refused(f"failed: {' '.join(map(str, command))}\n{done.stdout.decode(errors='replace')}")
    return done.stdout


if __name__ == "__main__":
    require_releasable(ROOT, wanted := (sys.argv[1] if len(sys.argv) > 1 else ""))
    Release(ROOT, wanted).make()
