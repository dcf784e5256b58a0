"""The version of the service, and the commit from which it was built."""

import subprocess
import tomllib
from functools import cache
from importlib import metadata
from pathlib import Path

DISTRIBUTION = "shelter-placement"
_PACKAGE = Path(__file__).parent.parent
_SHOWN_DIGITS = 8


def _version() -> str:
    """Returns the version. Reads `pyproject.toml` if the package is in a checkout, an archive or an editable
    installation, because the metadata of an editable installation can be outdated.
    """
    beside = _PACKAGE.parent / "pyproject.toml"
    if beside.is_file():
        project = tomllib.loads(beside.read_text()).get("project", {})
        if project.get("name") == DISTRIBUTION:
            return str(project["version"])
    return metadata.version(DISTRIBUTION)


VERSION = _version()


@cache
def commit() -> str | None:
    """Returns the 40 digits of the commit; `None` if it is unknown. Reads them from a file of the package that `git
    archive` fills in. In a checkout, runs git.
    """
    written = (_PACKAGE / "commit.txt").read_text().strip()
    if not written.startswith("$"):
        return written
    if not (_PACKAGE.parent / ".git").exists():
        return None
    try:
        asked = subprocess.run(
            ["/usr/bin/env", "git", "rev-parse", "HEAD"], cwd=_PACKAGE, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return asked.stdout.strip()


def shown() -> str:
    """Returns the version with the first digits of the commit, as `1.0.0 (0123abcd)`."""
    made_from = commit()
    return f"{VERSION} ({made_from[:_SHOWN_DIGITS]})" if made_from else VERSION
