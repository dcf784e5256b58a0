"""The version is known in a checkout, in an archive without git, and in an installed package."""

import io
import subprocess
import tarfile
import tomllib

import pytest
from typer.testing import CliRunner

from placement.cli import app
from placement.core import version
from tests.support.paths import ROOT


@pytest.fixture
def known(monkeypatch, tmp_path):
    """Returns what the service answers if its package is in `tmp_path`, with the text as its record of the commit."""

    def commit(written, package=tmp_path):
        (package / "commit.txt").write_text(written)
        monkeypatch.setattr(version, "_PACKAGE", package)
        version.commit.cache_clear()
        return version.commit()

    yield commit
    version.commit.cache_clear()


def git(*words):
    return subprocess.run(["/usr/bin/env", "git", *words], cwd=ROOT, capture_output=True, check=True).stdout


def test_checkout_and_archive_know_the_commit(known):
    head = git("rev-parse", "HEAD").decode().strip()
    version.commit.cache_clear()
    assert version.commit() == head
    with tarfile.open(fileobj=io.BytesIO(git("archive", "HEAD", "placement/commit.txt"))) as archive:
        written = archive.extractfile("placement/commit.txt").read().decode()
    assert known(written) == head


def test_package_without_a_record_or_git_shows_its_version_alone(known):
    assert known("$Format:%H$\n") is None
    assert version.shown() == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def test_version_is_that_of_the_files_and_of_no_other_project(known, tmp_path):
    """The metadata of an editable installation is that of the day of its installation."""
    (tmp_path / "placement").mkdir()
    version_file = tmp_path / "pyproject.toml"
    known("$Format:%H$\n", tmp_path / "placement")
    installed = version._version()
    version_file.write_text('[project]\nname = "shelter-placement"\nversion = "7.1"\n')
    assert version._version() == "7.1"
    version_file.write_text('[project]\nname = "another"\nversion = "7.1"\n')
    assert version._version() == installed


def test_option_prints_version_and_commit(known):
    known("0123456789" * 4)
    printed = CliRunner().invoke(app, ["--version"])
    assert (printed.exit_code, printed.stdout) == (0, f"placement {version.VERSION} (01234567)\n")
