"""Prometheus and node_exporter as an operator runs them, with the files of `deploy/`."""

import os
import subprocess
from pathlib import Path
from typing import Any

import httpx
import yaml

from tests.support.outages import until
from tests.support.paths import ALERT_RULES, DEPLOY
from tests.support.ports import free_port
from tests.support.programs import program
from tests.support.stores import METRICS_TOKEN

EXAMPLE = DEPLOY / "prometheus.yaml"
_OTHER_USER = "nobody"
"""The user of node_exporter, which is not the user of the service."""


_PATIENCE_SECONDS, _LOOKS_EVERY_SECONDS = 300.0, 1.0


class Monitoring:
    """Both programs. Only addresses and paths differ from the example in `deploy/prometheus.yaml`."""

    def __init__(self, folder: Path, service_port: int) -> None:
        self.texts = folder / "texts"
        self.texts.mkdir()
        for one in (folder, self.texts):
            one.chmod(0o755)
        self._folder, self._log = folder, folder / "monitoring.log"
        self._port, self._exporter_port = free_port(), free_port()
        self._processes: list[subprocess.Popen[bytes]] = []
        (folder / "prometheus.yaml").write_text(yaml.safe_dump(self._configuration(service_port)))

    def _configuration(self, service_port: int) -> dict[str, Any]:
        made: dict[str, Any] = yaml.safe_load(EXAMPLE.read_text())
        made["rule_files"] = [str(ALERT_RULES)]
        service, exporter = made["scrape_configs"]
        token = self._folder / "token"
        token.write_text(f"{METRICS_TOKEN}\n")
        service["authorization"]["credentials_file"] = str(token)
        for job, port in ((service, service_port), (exporter, self._exporter_port)):
            job["static_configs"] = [{"targets": [f"127.0.0.1:{port}"]}]
        return made

    def start(self) -> None:
        exporter = "prometheus-node-exporter", "--collector.disable-defaults", "--collector.textfile"
        self._begin(
            *exporter,
            f"--collector.textfile.directory={self.texts}",
            f"--web.listen-address=127.0.0.1:{self._exporter_port}",
            user=_OTHER_USER if os.geteuid() == 0 else None,
        )
        self._begin(
            "prometheus",
            f"--config.file={self._folder / 'prometheus.yaml'}",
            f"--storage.tsdb.path={self._folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{self._port}",
        )

    def wait_until_well(self) -> None:
        """Waits until each target was scraped, and each rule was looked at afterwards."""
        until(self._is_well, self._log.read_text, _PATIENCE_SECONDS, _LOOKS_EVERY_SECONDS)

    def _begin(self, name: str, *options: str, user: str | None = None) -> None:
        with self._log.open("a") as log:
            self._processes.append(subprocess.Popen([program(name), *options], stdout=log, stderr=log, user=user))

    def stop(self) -> None:
        for one in self._processes:
            one.terminate()
            one.wait(timeout=60)

    def state(self, alert: str) -> str:
        """Returns `inactive`, `pending` or `firing`, as Prometheus found it when it last looked at the rule."""
        return next(str(one["state"]) for one in self._rules() if one["name"] == alert)

    def firing(self) -> set[str]:
        return {one["name"] for one in self._rules() if one["state"] == "firing"}

    def _is_well(self) -> bool:
        try:
            targets = self._asked("targets")["activeTargets"]
            rules = self._rules()
        except httpx.TransportError:  # it is starting
            return False
        is_up = len(targets) == len(self._processes) and all(one["health"] == "up" for one in targets)
        return is_up and min(one["lastEvaluation"] for one in rules) > max(one["lastScrape"] for one in targets)

    def _rules(self) -> list[dict[str, Any]]:
        [group] = self._asked("rules")["groups"]
        return list(group["rules"])

    def _asked(self, what: str) -> Any:
        answer = httpx.get(f"http://127.0.0.1:{self._port}/api/v1/{what}", timeout=60)
        return answer.raise_for_status().json()["data"]
