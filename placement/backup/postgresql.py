"""The programs of PostgreSQL that dump and restore a database. They are looked up on this machine, and must be at least
as new as the server.
"""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from psycopg.conninfo import make_conninfo
from sqlalchemy.engine import URL

from placement.core.errors import Misconfigured
from placement.core.settings import Settings

_DEBIAN = Path("/usr/lib/postgresql")
_SPECIAL = re.compile(r"[:\\]")
"""Characters that need a backslash before them in a password file."""
_MAJOR = re.compile(r"\(PostgreSQL\) (\d+)")


def dump(settings: Settings, url: URL, major: int, snapshot: str, target: Path) -> None:
    """Dumps the database at a snapshot that another transaction exported. `major`: the major version of the server."""
    words = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={target}")
    _run(program(settings, "pg_dump", major), words, url)


def restore(settings: Settings, url: URL, major: int, source: Path) -> None:
    """Restores a dump into an empty database. A single transaction restores everything or nothing."""
    words = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
    _run(program(settings, "pg_restore", major), (*words, str(source)), url)


def program(settings: Settings, name: str, major: int) -> Path:
    """Returns the path of a program that is new enough for the server. If there is no such program, raises
    `Misconfigured` with the name of the package to install.
    """
    seen = []
    for found in _candidates(settings, name):
        version = _major_of(found)
        if version >= major:
            return found
        seen.append(f"{found} is {version}")
    there = f" ({', '.join(seen)})" if seen else ""
    raise Misconfigured(
        f"{name} of PostgreSQL {major} or newer is not on this machine{there}: install the package "
        f"postgresql-client-{major}, or name its folder in PLACEMENT_POSTGRESQL_PROGRAMS"
    )


def _candidates(settings: Settings, name: str) -> Iterator[Path]:
    if settings.postgresql_programs:
        yield from (file for file in [Path(settings.postgresql_programs) / name] if file.exists())
        return
    if found := shutil.which(name):
        yield Path(found)
    yield from sorted(_DEBIAN.glob(f"*/bin/{name}"), key=_major_of, reverse=True)


def _major_of(file: Path) -> int:
    said = subprocess.run([file, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    found = _MAJOR.search(said)
    return int(found[1]) if found else 0


def _address(url: URL, passwords: Path) -> str:
    """Returns the address for libpq. The password is in a file, because other users can see arguments of a command."""
    parts: dict[str, Any] = {"host": url.host, "port": url.port, "user": url.username, "dbname": url.database}
    parts |= {**url.query, "passfile": str(passwords)}
    return make_conninfo("", **{name: value for name, value in parts.items() if value})


def _run(file: Path, words: tuple[str, ...], url: URL) -> None:
    with tempfile.TemporaryDirectory(prefix="placement-") as folder:
        passwords = Path(folder) / "pgpass"
        passwords.touch(0o600)
        passwords.write_text(f"*:*:*:*:{_SPECIAL.sub(lambda one: chr(92) + one[0], str(url.password or ''))}\n")
        command = [str(file), f"--dbname={_address(url, passwords)}", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["it says nothing"]
        raise Misconfigured(f"{file.name} failed: {lines[0]}")
