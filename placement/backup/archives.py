"""The two archives of a backup. They are tar files, encrypted with the tool `age` for two different recipients. *Data*
contains the database at a certain moment, the heads of the log, and the settings. *Keys* contains the key store. An
unencrypted key is never written to a disk, because deleted files can be recovered, and with them a destroyed key.
"""

import io
import os
import tarfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from placement.backup.snapshot import CONTENTS, DUMP, HEADS, SETTINGS, Contents
from placement.core.errors import Misconfigured
from placement.core.setting_files import settings_line
from placement.core.settings import Settings, given_by_variable
from placement.crypto.age import decrypt_file, decrypted, encrypt_file, encrypted_for
from placement.crypto.key_store import KeyStore
from placement.tables.keys import KINDS


def write_data(settings: Settings, contents: Contents, staging: Path, target: Path) -> None:
    """Writes the archive of the data. `staging`: the folder of the dump, with free space for a copy of the dump."""
    packed = staging / "data.tar"
    with tarfile.open(packed, "w:gz", compresslevel=1) as tar:
        _add(tar, CONTENTS, contents.written())
        _add(tar, SETTINGS, _settings_written())
        if settings.audit_heads.exists():
            _add(tar, HEADS, settings.audit_heads.read_bytes())
        tar.add(staging / DUMP, DUMP)
    (staging / DUMP).unlink()
    encrypt_file(settings.backup_data_for, packed, target)
    packed.unlink()
    _on_disk(target)


def read_data(archive: Path, identities: Sequence[Path], staging: Path) -> tuple[Contents, Mapping[str, bytes]]:
    """Extracts the dump to the folder `staging`. Returns the description of the dump, and the other files of the
    archive by name. Raises `Misconfigured` if the archive contains an unknown file.
    """
    packed = staging / "data.tar"
    decrypt_file(archive, packed, identities)
    others: dict[str, bytes] = {}
    with tarfile.open(packed, "r:gz") as tar:
        for member in tar:
            content = tar.extractfile(member)
            if member.name not in {CONTENTS, DUMP, HEADS, SETTINGS} or content is None:
                raise Misconfigured(f"{archive} holds a file that no backup has: {member.name!r}")
            if member.name == DUMP:
                with os.fdopen(os.open(staging / DUMP, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                    while portion := content.read(1 << 20):
                        out.write(portion)
            else:
                others[member.name] = content.read()
    packed.unlink()
    return Contents.read(others.pop(CONTENTS)), others


def write_keys(settings: Settings, store: KeyStore, target: Path) -> None:
    """Writes the archive of the keys. Keys of imports in progress are written as destroyed, so that a backup cannot
    decrypt an uploaded file.
    """
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, wrapped in store.copied():
            _add(tar, name, b"" if name.startswith(KINDS["imports"]) else wrapped)
    target.write_bytes(encrypted_for(settings.backup_keys_for, packed.getvalue()))
    _on_disk(target)


def read_keys(archive: Path, identities: Sequence[Path]) -> dict[str, bytes]:
    """Returns the files of the key store by name, as `KeyStore.copied` returns them."""
    with tarfile.open(fileobj=io.BytesIO(decrypted(archive, identities)), mode="r") as tar:
        return {member.name: content.read() for member in tar if (content := tar.extractfile(member)) is not None}


def _settings_written() -> bytes:
    """Returns the settings in the format of the file that `placement init` writes. Leaves out secrets, and settings
    that concern only this machine.
    """
    return "".join(settings_line(name, value) for name, value in given_by_variable().items()).encode()


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    tar.addfile(member, io.BytesIO(content))


def _on_disk(file: Path) -> None:
    file.chmod(0o600)
    descriptor = os.open(file, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
