"""A host: a network namespace with a host name, process numbers and a run folder of its own, which serves."""

import signal
import subprocess
import sys
from pathlib import Path

import httpx
import psutil

from tests.support.outages import family, is_alive, until
from tests.support.programs import program
from tests.support.stores import OPERATOR
from tests.support.two_hosts.network import Network

PORT, WORKERS = 8000, 2
_STARTS_WITHIN_SECONDS, _ENDS_WITHIN_SECONDS = 600, 120
_NAMED = 'echo "$0" > /proc/sys/kernel/hostname; exec "$@"'


class Host:
    """A host of a network by its name. `environment`: the settings that it shares with the other host."""

    def __init__(self, net: Network, name: str, folder: Path, environment: dict[str, str]) -> None:
        net.join(name)
        self.name, self._net = name, net
        self.base = f"http://{net.address(name)}:{PORT}"
        self.environment = {**environment, "PLACEMENT_RUN": str(folder / f"run-{name}")}
        self.log_file = folder / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._others: list[subprocess.Popen[str]] = []

    def command(self, *words: str) -> list[str]:
        """Returns the command that runs Python with these words on this host."""
        parts = ["--uts", "--pid", "--fork", "--kill-child", "--mount-proc"]
        host = [program("unshare"), *parts, program("sh"), "-c", _NAMED, f"host-{self.name}"]
        return self._net.command(self.name, *host, sys.executable, "-m", *words)

    def start(self) -> None:
        """Starts `placement serve`, and waits until it is ready."""
        serve = ["serve", "--host", self.base.split("/")[2].split(":")[0], "--port", str(PORT)]
        words = self.command("placement", *serve, "--workers", str(WORKERS))
        with self.log_file.open("a") as log:
            self._process = process = subprocess.Popen(words, env=self.environment, stdout=log, stderr=log)
        until(lambda: process.poll() is not None or self.is_ready(), self.log, _STARTS_WITHIN_SECONDS)
        assert process.poll() is None, self.log()

    def run(self, *words: str) -> "subprocess.Popen[str]":
        """Starts a module of Python on this host beside the service, with pipes to its input and output."""
        pipe = subprocess.PIPE
        made = subprocess.Popen(self.command(*words), env=self.environment, stdin=pipe, stdout=pipe, text=True)
        self._others.append(made)
        return made

    def kill(self) -> None:
        """Ends every process of the host at once: the kernel kills all others with the first."""
        for other in self._others:
            with other:
                other.kill()
        self._others.clear()
        if self._process is not None and self._process.poll() is None:
            below = family(self._process.pid)
            self._process.kill()
            self._process.wait()
            until(lambda: not any(map(is_alive, below)))

    def stop(self) -> None:
        """Ends the service as an operator does."""
        if self._process is None or self._process.poll() is not None:
            return
        for child in psutil.Process(self._process.pid).children():
            child.send_signal(signal.SIGTERM)
        self._process.wait(_ENDS_WITHIN_SECONDS)

    def is_ready(self) -> bool:
        return self.health().get("database") == "ok"

    def health(self) -> dict[str, str]:
        """Returns the details of readiness; nothing if the host does not answer."""
        try:
            return dict(httpx.get(f"{self.base}/health/ready", headers=OPERATOR, timeout=20).json())
        except httpx.TransportError:
            return {}

    def log(self) -> str:
        return self.log_file.read_text()
