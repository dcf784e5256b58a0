"""The wheels of the tree: the service, the engine and the synthetic country, each with its part alone. What a command
states beside a foreign package, and without a package that it needs.
"""

import importlib.util
import json
import os
import subprocess
import sys
import tomllib
import zipfile

import pytest

from tests.support.paths import ROOT

CASES = ROOT / "fixtures" / "cases"
LEFT_OUT = {"fixtures/cases/README.md"}
MADE = {"api/site.zip"}


def script(name):
    spec = importlib.util.spec_from_file_location(name, ROOT / ".ci" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    """The wheels by package, without the common begin of their names."""
    made = script("packages").build(ROOT, tmp_path_factory.mktemp("wheels"))
    return {wheel.name.split("-")[0].removeprefix("shelter_placement").lstrip("_"): wheel for wheel in made}


@pytest.fixture
def engine(wheels):
    return wheels["engine"]


def metadata_of(wheel, name):
    with zipfile.ZipFile(wheel) as archive:
        [file] = (one for one in archive.namelist() if one.endswith(f".dist-info/{name}"))
        return archive.read(file).decode()


@pytest.mark.wide
@pytest.mark.parametrize(
    ("package", "parts", "points"),
    [
        ("", ("api", "matching", "placement"), "placement = placement.cli:main"),
        ("engine", ("matching",), "placement-engine = matching.cli:main"),
        ("demo", ("fixtures",), "load = fixtures:load"),
    ],
)
def test_wheel_has_its_part_alone(wheels, package, parts, points):
    with zipfile.ZipFile(wheels[package]) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name} - MADE
    listed = subprocess.run(
        ("/usr/bin/env", "git", "ls-files", *parts), cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert names == set(listed.stdout.split()) - LEFT_OUT
    assert points in metadata_of(wheels[package], "entry_points.txt")
    needed = [line for line in metadata_of(wheels[package], "METADATA").splitlines() if "Requires-Dist: " in line]
    assert not any("shelter-placement" in line for line in needed)
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert f"Version: {version}\n" in metadata_of(wheels[package], "METADATA")


@pytest.mark.wide
def test_engine_answers_without_the_service(engine, tmp_path):
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--no-deps")
    subprocess.run([*pip, "--target", tmp_path / "site", engine], check=True)
    bare = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    problem = tmp_path / "problem.json"
    problem.write_text(json.dumps(json.loads(min(CASES.glob("*.json")).read_text())["problem"]))
    command = [sys.executable, "-P", tmp_path / "site" / "bin" / "placement-engine"]
    done = subprocess.run(
        [*command, "match", problem], cwd=tmp_path, env=bare, capture_output=True, text=True, check=False
    )
    assert (done.returncode, '"placements"' in done.stdout) == (0, True), done.stderr


def test_dependencies_of_the_engine_are_all_locked():
    release = script("release")
    lock = (ROOT / "requirements.txt").read_text()
    packages = release.locked_packages(lock)
    assert "".join(packages.values()) == lock
    project = tomllib.loads((ROOT / "deploy" / "packages" / "engine.toml").read_text())["project"]
    needed = release.needed_by(project["dependencies"])
    assert {"numpy", "ortools", "highspy", "msgspec", "typer", "protobuf"} <= needed <= packages.keys()


FOREIGN = [
    ("matching", "from matching.cli import main", ("match", "x"), "is a foreign package: uninstall `matching`"),
    ("matching", "from placement.cli import main", ("match", "x"), "is a foreign package: uninstall `matching`"),
    ("matching", "from placement.cli import main", ("migrate",), "`matching` 1.4.3 is a foreign package"),
    ("api", "from placement.cli import main", ("serve",), "`api` 1.4.3 is a foreign package"),
    ("fixtures", "from placement.cli import main", ("seed",), "`fixtures` 1.4.3 is a foreign package"),
]


def started(tmp_path, code, *words):
    first = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)]), "PLACEMENT_VAR": str(tmp_path)}
    command = [sys.executable, "-P", "-c", f"{code}; main()", *words]
    return subprocess.run(command, env=first, cwd=tmp_path, capture_output=True, text=True, check=False)


@pytest.mark.wide
@pytest.mark.parametrize(("name", "code", "words", "line"), FOREIGN)
def test_command_beside_a_foreign_package_states_it_in_a_line(tmp_path, name, code, words, line):
    """The files of the foreign package replace files of ours, as an installation from the index does."""
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").write_text("")
    if name == "matching":
        (tmp_path / name / "cli.py").write_text((ROOT / "matching" / "cli.py").read_text())
    about = tmp_path / f"{name}-1.4.3.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.4.3\n")
    done = started(tmp_path, code, *words)
    assert (done.returncode, line in done.stderr, done.stderr.count("\n")) == (1, True, 1), done.stderr


MISSING = "import sys; sys.modules['pkcs11'] = None; from placement.cli import main"
NO_DEMO = "from importlib import metadata; metadata.entry_points = lambda **_: (); from placement.cli import main"


@pytest.mark.wide
@pytest.mark.parametrize(
    ("code", "words", "line"),
    [
        (MISSING, ("migrate",), "PLACEMENT_KEY_TOKEN needs pkcs11: install shelter-placement[token]"),
        (NO_DEMO, ("seed",), "install `shelter-placement-demo` of the same version"),
    ],
)
def test_command_without_a_package_names_it_in_a_line(tmp_path, monkeypatch, code, words, line):
    if code is MISSING:
        monkeypatch.setenv("PLACEMENT_KEY_TOKEN", "pkcs11:token=x?module-path=/a.so&pin-source=file:/pin")
    done = started(tmp_path, code, *words)
    assert (done.returncode, line in done.stderr, done.stderr.count("\n")) == (1, True, 1), done.stderr


def test_extras_hold_what_few_installations_need():
    release = script("release")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    assert set(extras) == {"pdf", "token", "plot", "cluster"}
    plain = release.needed_by(project["dependencies"])
    assert {"typst", "python-pkcs11", "matplotlib", "ray"}.isdisjoint(plain)
    locked = release.locked_packages((ROOT / "requirements.txt").read_text())
    for extra in release.LOCKED_EXTRAS:
        assert release.needed_by(extras[extra]) - plain <= locked.keys(), extra
