"""The files of an installation, in `PLACEMENT_VAR`, and those of one group of processes, in `PLACEMENT_RUN`.

The name of a socket has 107 bytes at most, folders included: theirs are short.
"""

from pathlib import Path


def metrics_folder(run: Path) -> Path:
    """The folder in which the web processes of one `placement serve` share their metrics."""
    return run / "metrics"


def heartbeats_socket(run: Path) -> Path:
    """The socket to which the web processes of one `placement serve` report that they go on."""
    return run / "beats"


def engines_socket(run: Path) -> Path:
    """The socket at which the web processes of one `placement serve` borrow an engine."""
    return run / "engine"


def vital_signs_socket(run: Path) -> Path:
    """The socket at which the main process of one `placement serve` answers how its processes are."""
    return run / "signs"


def lock_file(run: Path) -> Path:
    """The file that the main process of one `placement serve` locks."""
    return run / "lock"


def key_file(var: Path) -> Path:
    return var / "keys" / "field.keys"


def audit_key_file(var: Path) -> Path:
    return var / "keys" / "audit.key"


def settings_file(var: Path) -> Path:
    """The file of settings that `placement init` writes: what no variable of the environment says is read there."""
    return var / "placement.env"


def settings_line(variable: str, value: str) -> str:
    """A line of the file of settings."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"{variable}='{escaped}'\n"
