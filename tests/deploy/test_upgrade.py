"""An upgrade without a stop: the last release and the next version at one PostgreSQL, under load, there and back.

The older side is the last release that states `works_from` in its record. Before the first such release it is this
tree. The newer side is this tree with one more migration and another version.
"""

import importlib.util
import shutil
import subprocess
import sys
import tomllib
import zipfile
from contextlib import ExitStack
from itertools import count
from threading import Event, Lock, Thread

import httpx
import pytest
from packaging.version import Version
from sqlmodel import func, select

from placement.storage.schema_form import SchemaForm
from placement.tables import Registration
from tests.support.api.processes import client_of, serving
from tests.support.api.service import somebody
from tests.support.next_version import newest_of, write_next
from tests.support.outages import until
from tests.support.paths import ROOT
from tests.support.service_process import environment_for, variables_of
from tests.support.stores import OPERATOR

NEXT_VERSION = "9.9.9"
PARTS = ("LICENSE", "README.md", "api", "deploy", "fixtures", "matching", "placement", "pyproject.toml")
EXTENDS = (
    "op.add_column('registration', sa.Column('later', sa.Text(), nullable=True))\n"
    "    op.add_column('hold', sa.Column('later', sa.Text(), nullable=True))\n"
    "    op.create_table('later', sa.Column('id', sa.String(), primary_key=True))"
)
TAKES_BACK = "op.drop_table('later'); op.drop_column('hold', 'later'); op.drop_column('registration', 'later')"
CLIENTS = 4
REQUESTS_AT_EACH_STEP = 30


def last_release():
    """Returns the record of the newest release that states from which revision it works; `None` before the first."""
    records = [tomllib.loads(file.read_text()) for file in ROOT.glob("deploy/releases/*/release.toml")]
    return max((one for one in records if "works_from" in one), key=lambda one: Version(one["version"]), default=None)


def tree_of(release, folder):
    if release is not None:
        archive = folder / "tree.tar"
        command = ("/usr/bin/env", "git", "archive", "--output", str(archive), release["commit"])
        subprocess.run(command, cwd=ROOT, check=True)
        shutil.unpack_archive(archive, folder / "tree", filter="data")
        return folder / "tree"
    for part in PARTS:
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, folder / "tree" / part)
    return folder / "tree"


def installed(tree, folder):
    """Builds the wheel of a tree with its own script, and returns the folder with the files of the wheel."""
    spec = importlib.util.spec_from_file_location("packages", tree / ".ci" / "packages.py")
    packages = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(packages)
    into = folder / "wheels"
    into.mkdir()
    [wheel] = (one for one in packages.build(tree, into) if one.name.startswith("shelter_placement-"))
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


class Side:
    """A version as it is installed."""

    def __init__(self, country, folder, site):
        self.country, self.folder = country, folder
        self.more = {
            "PYTHONPATH": str(site),
            "PYTHONSAFEPATH": "1",
            "PLACEMENT_VAR": str(folder.parent / "var"),
            "PLACEMENT_RUN": str(folder / "run"),
        }

    def serving(self, **more):
        return serving(self.country, self.folder, 1, more=self.more, **more)

    def command(self, *words):
        environment = environment_for() | variables_of(self.country.settings) | self.more
        command = [sys.executable, "-m", "placement", *words]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr + done.stdout


class Load:
    """Clients that register people and read lists without a pause, each request at a service that a proxy would
    choose now.
    """

    def __init__(self, country, *bases):
        self.bases, self.failed, self.stored = list(bases), [], []
        self._country, self._end, self._numbers, self._guard = country, Event(), count(), Lock()
        self._threads = [Thread(target=self._ask_until_the_end) for _ in range(CLIENTS)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        for thread in self._threads:
            thread.join()

    def _ask_until_the_end(self):
        with ExitStack() as ends:
            clients = {}
            while not self._end.is_set():
                number = next(self._numbers)
                with self._guard:
                    base = self.bases[number % len(self.bases)]
                if base not in clients:
                    clients[base] = ends.enter_context(client_of(base, self._country.key_of("desk")))
                self._ask(clients[base], number)

    def _ask(self, client, number):
        try:
            made = client.post("/registrations", json=somebody(alias=f"number {number}"))
            read = client.get("/registrations", params={"limit": 5})
        except httpx.HTTPError as error:
            self.failed.append(repr(error))
            return
        self.failed += [answer.text for answer in (made, read) if not answer.is_success]
        if made.is_success:
            self.stored.append(made.json()["id"])

    def goes_on(self):
        """Waits until the services of now have stored more registrations."""
        wanted = len(self.stored) + REQUESTS_AT_EACH_STEP
        until(lambda: len(self.stored) >= wanted or self.failed, lambda: str(self.failed))
        assert self.failed == []

    def moves_to(self, *bases):
        """Makes the clients use these services from now on, and waits until requests to others have ended."""
        with self._guard:
            self.bases = list(bases)
        self.goes_on()


def state_of(base):
    return httpx.get(f"{base}/health/ready", headers=OPERATOR, timeout=60)


def becomes(base, form):
    """Waits until a process works with the tables, in this form."""
    where = "tables" if form.value else "version"

    def is_so():
        answer = state_of(base)
        return answer.is_success and (not form.value or answer.json().get(where) == form.value)

    until(is_so, lambda: state_of(base).text)


@pytest.mark.long
@pytest.mark.parametrize("stores", ["postgresql"], indirect=True)
def test_upgrade_under_load_fails_and_loses_nothing(country, tmp_path):
    folders = {name: tmp_path / name for name in ("old", "new")}
    for folder in folders.values():
        (folder / "tree").mkdir(parents=True)
    old_tree, new_tree = tree_of(last_release(), folders["old"]), tree_of(None, folders["new"])
    for tree in (old_tree, new_tree):
        shutil.copytree(ROOT / ".ci", tree / ".ci", dirs_exist_ok=True)
    project = new_tree / "pyproject.toml"
    version = tomllib.loads(project.read_text())["project"]["version"]
    project.write_text(project.read_text().replace(f'version = "{version}"', f'version = "{NEXT_VERSION}"', 1))
    write_next(new_tree / "placement/migrations/versions", newest_of(), EXTENDS, downgrade=TAKES_BACK)
    trees = {"old": old_tree, "new": new_tree}
    old, new = (Side(country, folders[name], installed(tree, folders[name])) for name, tree in trees.items())
    before = newest_of(old_tree / "placement/migrations/versions")

    with ExitStack() as newer:
        with old.serving() as first, Load(country, first) as load:
            load.goes_on()
            second = newer.enter_context(new.serving(ready=httpx.codes.SERVICE_UNAVAILABLE))
            assert state_of(second).json()["database"] == SchemaForm.OLDER.value
            load.goes_on()
            new.command("migrate")
            becomes(second, SchemaForm.CURRENT)
            becomes(first, SchemaForm.AHEAD)
            assert state_of(second).json()["version"].startswith(NEXT_VERSION)
            load.moves_to(first, second)
            new.command("migrate")
            load.moves_to(second)
            begun = load
        assert_all_stored(country, begun, new)
        with old.serving() as again, Load(country, second) as load:
            load.moves_to(again)
            newer.close()
            new.command("migrate", "--to", before)
            becomes(again, SchemaForm.CURRENT)
            assert "tables" not in state_of(again).json()
            load.goes_on()
        assert_all_stored(country, load, old)


def assert_all_stored(country, load, side):
    assert load.failed == []
    with country.database.transaction() as session:
        known = select(func.count()).where(Registration.id.in_(load.stored))
        assert session.exec(known).one() == len(load.stored) == len(set(load.stored))
    side.command("audit", "verify")
