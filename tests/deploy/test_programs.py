"""The units and the proxy, tried with Debian's own programs."""

import json
import os
import re
import shutil
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from placement.exchange.grid import LONGEST_FILE
from tests.support.documented_steps import steps_of
from tests.support.paths import ROOT
from tests.support.ports import free_port
from tests.support.programs import program

pytestmark = pytest.mark.system

GUIDE = ROOT / "docs" / "guide" / "deploy.md"
UNITS = ("placement.service", "placement-backup.service", "placement-doctor.service")
MOST_EXPOSED = 3.0


def run(*words, **more):
    return subprocess.run(words, capture_output=True, text=True, check=False, **more)


@pytest.fixture
def installed(tmp_path):
    """Runs the installation lines of the guide below a root of its own, with a substitute for our program."""
    [step] = steps_of(GUIDE)
    lines = [line for line in step.commands.splitlines() if line.strip()]
    assert all(line.startswith("install ") for line in lines)
    script = "\n".join(re.sub(r" /(etc|var)/", rf" {tmp_path}/\1/", line) for line in lines)
    done = run("bash", "-e", "-c", script, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    ours = tmp_path / "opt/placement/.venv/bin/placement"
    ours.parent.mkdir(parents=True)
    ours.write_text("#!/bin/sh\n")
    ours.chmod(0o755)
    for file in (tmp_path / "etc/systemd/system").rglob("*.*"):
        if file.is_file():
            file.write_text(file.read_text().replace("/opt/placement", str(tmp_path / "opt/placement")))
    return tmp_path


def analysed(what, unit, *options):
    environment = {**os.environ, "SYSTEMD_UNIT_PATH": f"{unit.parent}:/usr/lib/systemd/system"}
    return run(program("systemd-analyze"), what, *options, str(unit), env=environment)


def exposure(unit):
    said = analysed("security", unit, "--offline=true", "--no-pager").stdout
    return float(re.search(r"exposure level for \S+: ([\d.]+)", said)[1])


@pytest.mark.parametrize("unit", [*UNITS, "placement-backup.timer", "placement-doctor.timer"])
def test_units_as_installed_are_verified(installed, unit):
    file = installed / "etc/systemd/system" / unit
    done = analysed("verify", file, "--man=no")
    assert (done.returncode, [line for line in done.stderr.splitlines() if "placement" in line]) == (0, [])
    file.write_text(file.read_text() + "\n[Service]\nNoSuchSetting=yes\n")
    assert "NoSuchSetting" in analysed("verify", file, "--man=no").stderr or unit.endswith(".timer")


@pytest.mark.parametrize("unit", UNITS)
def test_units_as_installed_are_exposed_below_three(installed, unit):
    file = installed / "etc/systemd/system" / unit
    assert exposure(file) < MOST_EXPOSED
    shutil.rmtree(file.with_name(f"{unit}.d"))
    assert exposure(file) > MOST_EXPOSED, "the figure does not see what is in the drop-in"


def test_settings_and_backups_are_closed_to_others(installed):
    for name in ("etc/placement/placement.env", "etc/placement/backup.env", "var/backups/placement"):
        assert (installed / name).stat().st_mode & 0o007 == 0, name


class _Service(BaseHTTPRequestHandler):
    """A service that returns the path and the sender of each request."""

    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"path": self.path, "for": self.headers["X-Forwarded-For"]}).encode())

    def do_POST(self):
        self.do_GET()

    def log_message(self, *_):
        """Logs nothing."""


@pytest.fixture
def proxy(tmp_path):
    """Yields the address of Caddy with our file, over plain HTTP, in front of a service."""
    behind = ThreadingHTTPServer(("127.0.0.1", 0), _Service)
    behind.handle_error = lambda *_: None  # a body that the proxy cuts off
    threading.Thread(target=behind.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{free_port()}"
    environment = {**os.environ, "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path), "PLACEMENT_HOST": address}
    environment |= {"PLACEMENT_UPSTREAM": f"127.0.0.1:{behind.server_port}"}
    words = (program("caddy"), "run", "--config", str(ROOT / "deploy/Caddyfile"), "--adapter", "caddyfile")
    with (tmp_path / "caddy.log").open("w") as out, subprocess.Popen(words, env=environment, stderr=out) as process:
        end = time.monotonic() + 30
        while time.monotonic() < end:
            try:
                httpx.get(address)
                break
            except httpx.TransportError:
                assert process.poll() is None, (tmp_path / "caddy.log").read_text()
                time.sleep(0.1)
        yield address
        process.terminate()
        process.wait(timeout=20)
    behind.shutdown()
    behind.server_close()


def test_caddyfile_is_valid_and_compresses_and_logs_nothing(tmp_path):
    environment = {**os.environ, "PLACEMENT_HOST": "opvang.example", "HOME": str(tmp_path)}
    words = ("--config", str(ROOT / "deploy/Caddyfile"), "--adapter", "caddyfile")
    assert run(program("caddy"), "validate", *words, env=environment).returncode == 0
    adapted = run(program("caddy"), "adapt", *words, env=environment).stdout
    assert "reverse_proxy" in adapted
    assert '"encode"' not in adapted
    assert '"logs"' not in adapted


def test_proxy_passes_on_the_asker_and_no_feigned_address(proxy):
    told = httpx.get(f"{proxy}/registrations", headers={"X-Forwarded-For": "10.1.1.1"}).json()
    assert told == {"path": "/registrations", "for": "127.0.0.1"}


def test_proxy_keeps_figures_in_and_large_bodies_out(proxy):
    assert httpx.get(f"{proxy}/health/live").status_code == 200
    for path in ("/metrics", "/health/ready"):
        assert httpx.get(f"{proxy}{path}").status_code == 404
    largest_form = b"x" * (LONGEST_FILE + 1_000_000)
    assert httpx.post(f"{proxy}/import", content=largest_form, timeout=60).status_code == 200
    assert httpx.post(f"{proxy}/import", content=b"x" * (23 << 20), timeout=60).status_code in {413, 502}  # newer, 2.6
