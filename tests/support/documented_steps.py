"""Documented steps: the bash blocks of a page in one shell, and their real output beside the documented output."""

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from tests.support.paths import ROOT

_BLOCK = re.compile(r"^```(bash|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_END = "@@ end of block @@"


@dataclass(frozen=True)
class Step:
    """A block of commands, and the output that the page shows (`None`: the page shows no output)."""

    commands: str
    says: str | None


def steps_of(page: Path) -> list[Step]:
    blocks = _BLOCK.findall(page.read_text())
    return [
        Step(body, answer if kind_after == "text" else None)
        for (kind, body), (kind_after, answer) in pairwise([*blocks, ("end", "")])
        if kind == "bash"
    ]


def run_steps(steps: list[Step], environment: Mapping[str, str]) -> list[str]:
    """Returns the output of each step, from both streams. The shell stops at the first command that fails."""
    script = "set -eo pipefail\n" + "".join(f"{step.commands}\necho '{_END}'\n" for step in steps)
    done = subprocess.run(
        ["bash", "-c", script],  # noqa: S607  (the reader's own shell)
        cwd=ROOT,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    printed = done.stdout.split(f"{_END}\n")
    assert len(printed) == len(steps) + 1, f"stopped after block {len(printed)}:\n{printed[-1]}"
    return printed[:-1]
