"""The files of an installation, in `PLACEMENT_VAR`, and those of one group of processes, in `PLACEMENT_RUN`.

The name of a socket has at most 107 bytes, folders included, so the file names are short.
"""

from pathlib import Path


def metrics_folder(run: Path) -> Path:
    """Returns the folder in which the web processes of one `placement serve` share their metrics."""
    return run / "metrics"


def heartbeats_socket(run: Path) -> Path:
    """Returns the socket to which the web processes of one `placement serve` send their heartbeats."""
    return run / "beats"


def engines_socket(run: Path) -> Path:
    """Returns the socket at which the web processes of one `placement serve` borrow an engine."""
    return run / "engine"


def vital_signs_socket(run: Path) -> Path:
    """Returns the socket at which the main process of one `placement serve` reports the state of its processes."""
    return run / "signs"


def lock_file(run: Path) -> Path:
    """Returns the file that the main process of one `placement serve` locks."""
    return run / "lock"


def key_file(var: Path) -> Path:
    return var / "keys" / "field.keys"


def audit_key_file(var: Path) -> Path:
    return var / "keys" / "audit.key"


def settings_file(var: Path) -> Path:
    """Returns the file of settings that `placement init` writes; variables of the environment take precedence."""
    return var / "placement.env"


def settings_line(variable: str, value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"{variable}='{escaped}'\n"
