"""Records of releases: what each names is there, and the version that leads to the baseline has a record."""

import gzip
import json
import re
import tomllib

import pytest
from alembic.script import ScriptDirectory
from packaging.version import Version

from placement.storage import database
from placement.storage.schema_form import LEADS_HERE, Schema
from tests.support.paths import ROOT

RELEASES = ROOT / "deploy" / "releases"


def released():
    return sorted(folder.name for folder in RELEASES.iterdir())


def record_of(version):
    return tomllib.loads((RELEASES / version / "release.toml").read_text())


@pytest.mark.parametrize("version", released())
def test_record_of_a_release_is_whole(version):
    record = record_of(version)
    assert record["version"] == version
    assert re.fullmatch(r"[0-9a-f]{40}", record["commit"])
    described = json.loads(gzip.decompress((RELEASES / version / "openapi.json.gz").read_bytes()))
    assert len(described["paths"]) > 100


def test_version_has_a_page_that_states_if_it_needs_a_stop():
    """A stop is needed if processes of the last release do not work with the tables of this version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    versions = {Version(name).base_version for name in (project["version"], *released())}
    pages = {file.stem for file in (ROOT / "docs" / "versions").glob("*.md")}
    assert pages == versions
    last = max(released(), key=Version)
    schema = Schema.of(ScriptDirectory.from_config(database._alembic()))
    way = "without a stop" if record_of(last)["revision"] in schema.back_to() else "with a stop"
    page = (ROOT / "docs" / "versions" / f"{Version(project['version']).base_version}.md").read_text()
    assert f"From {last}: **{way}**" in page or Version(last) == Version(project["version"])


def test_version_that_leads_here_brings_a_store_to_the_baseline():
    baseline = ScriptDirectory.from_config(database._alembic()).get_base()
    assert record_of(LEADS_HERE)["revision"] == baseline


def test_guide_names_the_release_that_leads_here():
    guide, record = (ROOT / "docs" / "guide" / "deploy.md").read_text(), record_of(LEADS_HERE)
    assert [fact for fact in (record["version"], record["commit"][:8], record["revision"]) if fact not in guide] == []
