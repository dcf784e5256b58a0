"""The manifest of a backup. It names the archives and their contents, and is sealed with the service's keys. It is not
encrypted, and contains nothing about a case. The seal covers the SHA-256 of the archives. So it proves that this
service made the backup, and that the archives have not changed since.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path
from typing import Any

from placement.core.errors import Misconfigured
from placement.core.settings import Settings
from placement.crypto.key_files import write_whole
from placement.crypto.key_ring import KeyRing

FORMAT = 1
_SEALED_AS = b"manifest of a backup\0"
BEGINS = "placement-"
DATA, KEYS = ".data.age", ".keys.age"
ID = "%Y%m%dT%H%M%SZ"
"""The format of a backup's id, which is the time at which the backup began."""


@dataclass(frozen=True, slots=True)
class Archive:
    """An archive. The times are in ISO 8601.

    - `at`: for data, the time of the copy or shortly after it: the archive contains nothing that was written later. For
      keys, the time at which the first key was copied.
    - `complete_until`: the data contains everything that was acknowledged before this time; empty for keys and in older
      manifests.
    - `size`: the size in bytes.
    """

    file: str
    at: str
    size: int
    sha256: str
    complete_until: str = ""

    @classmethod
    def of(cls, file: Path, at: datetime, complete_until: datetime | None = None) -> "Archive":
        complete = "" if complete_until is None else complete_until.isoformat()
        return cls(file.name, at.isoformat(), file.stat().st_size, sha256_of(file), complete)

    def require_whole(self, folder: Path) -> Path:
        """Returns the path of the archive. Raises `Misconfigured` if the file is missing or was changed."""
        file = folder / self.file
        if not file.exists():
            raise Misconfigured(f"{file} is not there: its time has passed, or it was not copied")
        if file.stat().st_size != self.size or sha256_of(file) != self.sha256:
            raise Misconfigured(f"{file} is not as it was when the backup was made: it is damaged, or another")
        return file


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest. `store`: `sqlite` or `postgresql`. `line`, `link`: the number and the hash of the last audit event.
    `data`: `None` if only keys were backed up.
    """

    id: str
    version: str
    store: str
    revision: str
    line: int
    link: str
    key_store: str
    data: Archive | None
    keys: Archive
    format: int = FORMAT
    seal: str = ""

    @property
    def complete_until(self) -> datetime:
        """The time up to which the data is complete: all writes that were acknowledged before this time are in the
        data. For an older manifest, this is the time at which the backup began, which the id contains.
        """
        if self.data is not None and self.data.complete_until:
            return datetime.fromisoformat(self.data.complete_until)
        return datetime.strptime(self.id, ID).replace(tzinfo=UTC)

    def sealed(self, ring: KeyRing) -> "Manifest":
        return replace(self, seal=ring.seal(self._content()))

    def require_own(self, ring: KeyRing) -> None:
        """Raises `Misconfigured` if the seal of the manifest was not made with a key of this service."""
        if not ring.holds(*self.seal.partition(".")[::2], self._content()):
            raise Misconfigured(
                f"the manifest {self.id} is not by a key of this service: put the copy of field.keys of that time back"
                " (behind newer ones, in one file); with the right one it was changed since"
            )

    def write(self, folder: Path) -> Path:
        file = folder / f"{BEGINS}{self.id}.json"
        write_whole(file, (json.dumps(asdict(self), indent=1) + "\n").encode())
        return file

    def _content(self) -> bytes:
        written = asdict(replace(self, seal=""))
        for archive in filter(None, (written["data"], written["keys"])):
            if not archive["complete_until"]:
                del archive["complete_until"]  # the seal of an older manifest does not cover this field
        return _SEALED_AS + json.dumps(written, sort_keys=True).encode()


def read(file: Path) -> Manifest:
    """Returns the manifest in a file. Raises `Misconfigured` if it is not a manifest, or has an unsupported format."""
    try:
        found: dict[str, Any] = json.loads(file.read_text())
        data = found.pop("data")
        made = Manifest(**found, data=Archive(**data) if data else None)
        made = replace(made, keys=Archive(**found["keys"]))
    except (OSError, TypeError, ValueError, KeyError) as wrong:
        raise Misconfigured(f"{file} is no manifest of a backup") from wrong
    if made.format != FORMAT:
        raise Misconfigured(f"{file} has format {made.format}: a newer version of the service made it")
    return made


def manifests(folder: Path) -> Iterator[Manifest]:
    """Yields the manifests in a folder, newest first."""
    for file in sorted(folder.glob(f"{BEGINS}*.json"), reverse=True):
        yield read(file)


def newest_data(folder: Path) -> Manifest | None:
    """Returns the newest manifest whose archive of the data exists. Returns `None` if no such archive exists."""
    return next((one for one in manifests(folder) if one.data and (folder / one.data.file).exists()), None)


def newest_keys(folder: Path) -> Manifest | None:
    return next((one for one in manifests(folder) if (folder / one.keys.file).exists()), None)


def required(settings: Settings, name: Path | None) -> Path:
    """Returns the path `name`, if it is given. Otherwise returns the path of the newest manifest with data in the
    folder of backups. Raises `Misconfigured` if no backup exists.
    """
    if name is not None:
        return name
    found = newest_data(settings.backup_folder)
    if found is None:
        raise Misconfigured(f"there is no backup in {settings.backup_folder}")
    return settings.backup_folder / f"{BEGINS}{found.id}.json"


def sha256_of(file: Path) -> str:
    with file.open("rb") as content:
        return file_digest(content, "sha256").hexdigest()
