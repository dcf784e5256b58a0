"""The installation of the Containerfile, without an image: built from the files that it copies, started as compose
does.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile

import httpx
import pytest
import yaml

from tests.support.outages import until
from tests.support.paths import ROOT
from tests.support.ports import free_port
from tests.support.stores import new_database

PACKAGES = ("placement", "matching", "api", "fixtures")
pytestmark = pytest.mark.wide

ANSWERS = {
    "name = ": "Centrum Een",
    "desk = ": "030 123 45 67",
    "address = ": "https://placement.example/",
    "first = ": "one@placement.example",
    "second = ": "two@placement.example",
}
COMPOSE = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())["services"]


def pip(*words, cwd):
    command = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *words)
    subprocess.run(command, cwd=cwd, check=True, capture_output=True)


@pytest.fixture(scope="module")
def wheels(tmp_path_factory):
    """Builds the wheels of the image from the files that the Containerfile copies, and from nothing else."""
    context = tmp_path_factory.mktemp("context")
    said = (ROOT / "deploy/Containerfile").read_text()
    copied = [words.split() for words in re.findall("^COPY (?!--from)(.*)$", said, flags=re.MULTILINE)]
    for file in (name for *names, _ in copied for name in names):
        (context / file).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / file).is_dir():
            shutil.copytree(ROOT / file, context / file, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / file, context / file)
    subprocess.run((sys.executable, ".ci/packages.py", "wheels"), cwd=context, check=True, capture_output=True)
    return [
        next((context / "wheels").glob(f"{name}-*.whl")) for name in ("shelter_placement", "shelter_placement_demo")
    ]


def test_image_has_every_file_of_the_packages(wheels):
    listed = subprocess.run(
        ("/usr/bin/env", "git", "ls-files", *PACKAGES), cwd=ROOT, capture_output=True, text=True, check=True
    )
    there = {name for wheel in wheels for name in zipfile.ZipFile(wheel).namelist()}
    assert set(listed.stdout.split()) - there == set()


class Image:
    """The installed service with an empty volume, and a working folder that is not the project's."""

    def __init__(self, wheels, folder, database_url):
        self.site, self.var = folder / "site", folder / "var"
        self.var.mkdir()
        pip("install", "--no-deps", "--target", str(self.site), *map(str, wheels), cwd=folder)
        bare = {name: value for name, value in os.environ.items() if not name.startswith(("PLACEMENT", "DATABASE"))}
        told = {"PLACEMENT_VAR": str(self.var), "PYTHONPATH": str(self.site), "DATABASE_URL": database_url}
        self.environment = {**bare, **told, "PYTHONDONTWRITEBYTECODE": "1"}

    def begin(self):
        """Sets up the service as `init` does after its questions are answered."""
        answers, text = self.var / "answers.toml", self.run("init", "--template", "--language", "en")[1]
        for key, answer in {**ANSWERS, "store = ": self.environment["DATABASE_URL"]}.items():
            text = re.sub(f'^{key}".*"$', f'{key}"{answer}"', text, flags=re.MULTILINE)
        answers.write_text(text)
        code, said = self.run("init", "--file", str(answers))
        assert code == 0, said

    def start(self, *words):
        command = (sys.executable, str(self.site / "bin" / "placement"), *words)
        return subprocess.Popen(command, env=self.environment, cwd=self.var, stdout=subprocess.PIPE, text=True)

    def run(self, *words):
        process = self.start(*words)
        said, _ = process.communicate()
        return process.returncode, said


def test_image_is_begun_migrated_and_served_as_compose_says(wheels, tmp_path, postgresql):
    image, service = Image(wheels, tmp_path, new_database(postgresql)), COMPOSE["placement"]
    ports = {"8000": str(free_port()), "8001": str(free_port())}
    assert image.run(*COMPOSE["migrate"]["command"])[0] != 0, "no `init` is needed"
    image.begin()
    assert image.run(*COMPOSE["migrate"]["command"])[0] == 0
    with image.start(*(ports.get(word, word) for word in service["command"])) as process:
        python, *words = shlex.split(service["healthcheck"]["test"])
        assert python == "python"
        check = (sys.executable, *(word.replace(":8001", f":{ports['8001']}") for word in words))

        def is_well():
            assert process.poll() is None
            return subprocess.run(check, check=False, capture_output=True).returncode == 0

        until(is_well)
        found = [
            httpx.get(f"http://127.0.0.1:{ports['8000']}{path}").status_code
            for path in ("/sign-in", "/static/placement.css")
        ]
        process.terminate()
        assert (found, process.wait(timeout=30)) == ([200, 200], 0)
