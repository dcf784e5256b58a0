"""The image as it is built, and the compose file as it is put up: with Debian's packages, without a registry of images.

Root needs debootstrap, buildah, podman and podman-compose (`.ci/system-deps release`).
"""

import importlib.util
import json
import os
import re
import resource
import subprocess
from contextlib import ExitStack
from threading import Event, Thread

import httpx
import pytest

from tests.support.outages import until
from tests.support.paths import ROOT
from tests.support.programs import program

pytestmark = [pytest.mark.long, pytest.mark.release, pytest.mark.usefixtures("image")]

SUPPORT = ROOT / "tests" / "support" / "containers"
IMAGE, SIZE, SLOW = "localhost/placement", 500_000_000, 300
CONFINED = ("--rm", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--network=none")
COMPOSE = ("--file", str(ROOT / "deploy" / "compose.yaml"), "--file", str(SUPPORT / "compose.yaml"))
ANSWERS = {
    "store = ": "postgresql://placement@database/placement?passfile=/run/passwords/database.passfile",
    "address = ": "https://localhost",
    "name = ": "Centre",
    "desk = ": "030 123 45 67",
    "first = ": "one@placement.example",
    "second = ": "two@placement.example",
}
ABOUT = """
import json, os, pathlib
status = dict(line.split(":", 1) for line in pathlib.Path("/proc/self/status").read_text().splitlines())
try:
    pathlib.Path("/opt/placement/new").touch()
except OSError as error:
    refused = error.strerror
import ortools.sat.python.cp_model, pkcs11, typst
from babel import Locale
languages = Locale("nl").display_name, Locale("en").display_name
capabilities = [status[name].strip() for name in ("CapPrm", "CapEff", "CapBnd")]
print(json.dumps([os.getuid(), capabilities, refused, languages]))
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """The environment of podman, which keeps the limits of this process: it may be forbidden to raise them."""
    limits = {"nofile": resource.RLIMIT_NOFILE, "nproc": resource.RLIMIT_NPROC}
    kept = [f"{name}={':'.join(map(str, resource.getrlimit(which)))}" for name, which in limits.items()]
    settings = tmp_path_factory.mktemp("podman") / "containers.conf"
    text = (SUPPORT / "containers.conf").read_text()
    settings.write_text(f"{text}[containers]\ndefault_ulimits = {json.dumps(kept)}\n")
    more = {"CONTAINERS_CONF_OVERRIDE": str(settings), "PLACEMENT_HOST": "localhost"}
    return {**os.environ, **more, "PODMAN_IGNORE_CGROUPSV1_WARNING": "1"}


@pytest.fixture(scope="module")
def image():
    """Builds the image of this tree, and returns the script that did it."""
    spec = importlib.util.spec_from_file_location("image", ROOT / ".ci" / "image.py")
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    for name in ("buildah", "debootstrap", "podman", "podman-compose"):
        program(name)
    assert script.build(ROOT, IMAGE) == "buildah"
    return script


@pytest.fixture
def podman(environment):
    def run(*words, **more):
        command = (program("podman"), *words)
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, **more)

    return run


def test_image_is_small_and_has_a_health_check(podman):
    [about] = json.loads(podman("image", "inspect", IMAGE).stdout)
    assert about["Size"] <= SIZE
    assert ":8001/health/live" in about["Healthcheck"]["Test"][-1]
    assert about["Config"]["User"] == "10001:10001"


def test_image_runs_without_rights_on_a_root_that_is_read_only(podman):
    done = podman("run", *CONFINED, "--entrypoint=python", IMAGE, "-c", ABOUT)
    assert done.returncode == 0, done.stderr
    user, capabilities, refused, languages = json.loads(done.stdout)
    assert (user, set(map(int, capabilities)), refused) == (10001, {0}, "Read-only file system")
    assert languages == ["Nederlands", "English"]


def test_image_solves_a_problem_and_makes_its_own_country(podman):
    case = min((ROOT / "fixtures" / "cases").glob("*.json"))
    problem = json.dumps(json.loads(case.read_text())["problem"])
    done = podman("run", *CONFINED, "--interactive", IMAGE, "match", "/dev/stdin", input=problem)
    assert (done.returncode, '"placements"' in done.stdout) == (0, True), done.stderr
    done = podman("run", *CONFINED, "--volume=/var/lib/placement", IMAGE, "seed", "--size=small")
    assert "no key for the log" in done.stderr


class Project:
    """The compose file, put up. Podman leaves the health of containers to systemd: this class checks it."""

    def __init__(self, podman, environment):
        self.podman, self.environment = podman, environment
        self._end, self._thread = Event(), Thread(target=self._check_health)

    def __enter__(self):
        self("down", "--volumes")
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._end.set()
        self._thread.join()
        self("down", "--volumes")

    def __call__(self, *words, **more):
        command = (program("podman-compose"), *COMPOSE, *words)
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False, **more
        )

    def _check_health(self):
        while not self._end.wait(1):
            for name in ("database", "placement"):
                self.podman("healthcheck", "run", f"placement_{name}_1")

    def log_of(self, name):
        done = self.podman("logs", f"placement_{name}_1")
        return done.stdout + done.stderr

    def state_of(self, name):
        state = "--format={{.State.Status}} {{.State.Health.Status}}"
        return self.podman("inspect", state, f"placement_{name}_1").stdout

    def run(self, *words, **more):
        return self("run", "--rm", "-T", "--no-deps", "migrate", *words, **more)


def test_first_up_prints_what_is_next_and_the_second_serves(podman, image, environment):
    build = ("buildah", "build", *image.limits(), *image.on_own_base())
    for name in ("postgres", "caddy"):
        words = ("--file", f"Containerfile.{name}", "--tag", f"localhost/placement-{name}", ".")
        subprocess.run((*build, *words), cwd=SUPPORT, check=True)
    with ExitStack() as ends:
        project = ends.enter_context(Project(podman, environment))
        project("up", "--detach")
        until(lambda: "made" in project.log_of("passwords"), lambda: project.log_of("passwords"))
        assert "Next, until a service exists: podman compose" in project.log_of("passwords")
        until(lambda: "`placement init`" in project.log_of("migrate"), lambda: project.log_of("migrate"))
        text = project.run("init", "--template", "--language", "en").stdout
        for key, answer in ANSWERS.items():
            text = re.sub(f'^{key}".*"\r?$', f'{key}"{answer}"', text, flags=re.MULTILINE)
        begun = project.run("init", "--file", "/dev/stdin", input=text)
        assert begun.returncode == 0, begun.stdout + begun.stderr
        project("down")
        project("up", "--detach")
        until(lambda: "running healthy" in project.state_of("placement"), lambda: project.log_of("placement"), SLOW)
        asked = [httpx.get(f"https://localhost{path}", verify=False) for path in ("/health/live", "/sign-in")]  # noqa: S501
        assert [one.status_code for one in asked] == [200, 200]


def test_kubernetes_manifests_are_valid():
    """Made by `make build/kubernetes/installed`."""
    validate = ROOT / "build" / "kubernetes" / "bin" / "kubernetes-validate"
    files = sorted((ROOT / "deploy" / "kubernetes").glob("*.yaml"))
    done = subprocess.run((validate, "--strict", *files), capture_output=True, text=True, check=False)
    printed = done.stdout + done.stderr
    assert (done.returncode, printed.count(" passed for resource ")) == (0, 7), printed
