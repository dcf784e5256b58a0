"""A release: refused without a newer version, a clean tree or a change; made whole, or not at all."""

import gzip
import importlib.util
import json
import os
import subprocess
import sys
import tomllib
import zipfile

import pytest

from tests.support.paths import ROOT

VERSION = "9.9.9rc1"


@pytest.fixture(scope="module")
def release():
    spec = importlib.util.spec_from_file_location("release", ROOT / ".ci" / "release.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def git(folder, *words):
    who = {
        f"GIT_{role}_{part}": "release@placement.example"
        for role in ("AUTHOR", "COMMITTER")
        for part in ("NAME", "EMAIL")
    }
    command = ("/usr/bin/env", "git", *words)
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, env={**os.environ, **who})
    return done.stdout.strip()


@pytest.fixture
def project(tmp_path):
    """A repository with a release 0.1.0 and a change after it."""
    for name in ("deploy/releases/0.1.0/release.toml", "docs/changes/+new.added.md"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("-")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", "--all")
    git(tmp_path, "commit", "--quiet", "--message", "Begin")
    return tmp_path


def test_newer_version_of_a_clean_tree_is_releasable(release, project):
    release.require_releasable(project, VERSION)


@pytest.mark.parametrize(
    ("version", "why"),
    [
        ("", "no version"),
        ("next", "no version"),
        ("0.1.0", "not newer"),
        ("0.1.0rc1", "not newer"),
        ("1.0-rc1", "1.0rc1"),
    ],
)
def test_version_that_is_no_newer_version_is_refused(release, project, version, why):
    with pytest.raises(release.Refused, match=why):
        release.require_releasable(project, version)


def test_tree_that_is_not_clean_is_refused(release, project):
    (project / "left.txt").write_text("-")
    with pytest.raises(release.Refused, match=r"left\.txt"):
        release.require_releasable(project, VERSION)


def test_release_without_a_change_is_refused(release, project):
    git(project, "rm", "--quiet", "docs/changes/+new.added.md")
    git(project, "commit", "--quiet", "--message", "Nothing")
    with pytest.raises(release.Refused, match="no fragment"):
        release.require_releasable(project, VERSION)


def test_image_without_a_program_for_it_is_answered_clearly(release, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "not built, because no program is installed" in release.Release(tmp_path, VERSION)._image()


@pytest.mark.long
@pytest.mark.release
def test_release_is_made_from_a_clean_clone(release, tmp_path):
    git(tmp_path, "clone", "--quiet", str(ROOT), "clone")
    clone = tmp_path / "clone"
    for name in ("user.name", "user.email"):
        git(clone, "config", name, "release@placement.example")
    change = "The release has a change, also just after another release."
    (clone / "docs" / "changes" / "+tried.added.md").write_text(f"{change}\n")
    git(clone, "add", "--all")
    git(clone, "commit", "--quiet", "--message", "Change")
    before = git(clone, "rev-parse", "HEAD")
    subprocess.run([sys.executable, ".ci/release.py", VERSION], cwd=clone, check=True)

    record = clone / "deploy" / "releases" / VERSION
    facts = tomllib.loads((record / "release.toml").read_text())
    assert git(clone, "log", "--format=%s", f"{before}..") == f"Record release {VERSION}\nVersion {VERSION}"
    assert facts["commit"] == git(clone, "rev-parse", f"v{VERSION}") == git(clone, "rev-parse", "HEAD~1")
    assert git(clone, "status", "--porcelain") == ""
    assert release.released(clone)[-1] == release.Version(VERSION)
    made = clone / "build" / "release" / VERSION / "dist"
    subprocess.run(["/usr/bin/env", "sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=made, check=True)
    assert json.loads(gzip.decompress((record / "openapi.json.gz").read_bytes())) == json.loads(
        (made / "openapi.json").read_text()
    )
    assert json.loads((made / "sbom.json").read_text())["metadata"]["component"]["version"] == VERSION
    [wheel] = made.glob("shelter_placement-*.whl")
    assert "api/site.zip" in zipfile.ZipFile(wheel).namelist()
    notes = (made / "notes.md").read_text()
    assert notes.startswith(f"## {VERSION} (")
    assert change in notes
    assert notes.partition("\n")[2].strip() in (clone / "CHANGELOG.md").read_text()
    with pytest.raises(release.Refused, match="not newer"):
        release.require_releasable(clone, VERSION)
