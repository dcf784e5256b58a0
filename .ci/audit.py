"""Looks up every locked package, development tools included, in the databases of known vulnerabilities.

Exit code 0: all packages were looked up, and no package has a known vulnerability. 1: there are known vulnerabilities.
3: not all packages could be looked up, for example without a network; the output states that this proves nothing.
"""

import json
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
LOCKS = (
    ROOT / "requirements-dev.txt",
    *(ROOT / ".ci" / f"{name}.txt" for name in ("generator", "notebooks", "cluster")),
)
"""The lock files: the service with its tools; the generator of clients, the notebooks and Ray in their environments."""
SERVICES = ("pypi", "osv")
"""The databases that pip-audit can query; the second is for packages that the first did not answer."""
SECONDS = 180
KNOWN, NOT_REACHED = 1, 3

Answer = dict[str, Any]
"""The result for one package, in the format of pip-audit."""


def asked(service: str, lock: Path) -> list[Answer]:
    """The result of this database for each package in a lock file; empty if it could not be queried."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(lock), "--disable-pip", "--require-hashes"]
    options = ["--vulnerability-service", service, "--format", "json", "--progress-spinner", "off", "--timeout", "10"]
    try:
        done = subprocess.run([*command, *options], capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        return []
    return list(json.loads(done.stdout)["dependencies"]) if done.stdout.startswith("{") else []


def judge(answers: Collection[Answer], locked: Collection[str]) -> tuple[int, str]:
    """The exit code and the output. `answers`: of all databases."""
    looked_up = [one for one in answers if "skip_reason" not in one]
    known = [
        f"  {one['name']} {one['version']}: {found['id']}, mended in {', '.join(found['fix_versions']) or 'no version'}"
        for one in looked_up
        for found in one["vulns"]
    ]
    asked_for = {str(one["name"]) for one in answers} or {*locked}  # pip-audit skips packages for other platforms
    missing = sorted(asked_for - {one["name"] for one in looked_up})
    if known:
        return KNOWN, "\n".join(["KNOWN VULNERABILITIES:", *sorted({*known})])
    if missing:
        return NOT_REACHED, (
            f"NOT AUDITED: no database of vulnerabilities answered for {len(missing)} of {len(asked_for)} packages "
            f"({', '.join(missing[:3])}, ...). This says nothing about them: run `make audit` where there is a network."
        )
    return 0, f"audited: nothing is known of any of the {len(asked_for)} packages"


def locked_packages(lock: Path) -> list[str]:
    """The package names in a lock file, whose entries begin with `name==version`."""
    return [line.split("==")[0] for line in lock.read_text().splitlines() if "==" in line and line[0].isalnum()]


if __name__ == "__main__":
    found: list[Answer] = []
    names = [name for lock in LOCKS for name in locked_packages(lock)]
    for each in SERVICES:
        found += [one for lock in LOCKS for one in asked(each, lock)]
        code, words = judge(found, names)
        if code != NOT_REACHED:
            break
    print(words)  # noqa: T201  (what it is for)
    sys.exit(code)
