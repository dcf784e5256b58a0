"""Paths of the files of an installation (`PLACEMENT_VAR`) and of a group of processes (`PLACEMENT_RUN`). The file names
are short, because the path of a socket has at most 107 bytes.
"""

from pathlib import Path


def practice_folder(var: Path) -> Path:
    """Returns the folder of the practice room beside this installation."""
    return var / "practice"


def metrics_folder(run: Path) -> Path:
    """Returns the folder in which the web processes of a `placement serve` share their metrics."""
    return run / "metrics"


def heartbeats_socket(run: Path) -> Path:
    """Returns the socket to which web processes send their heartbeats."""
    return run / "beats"


def engines_socket(run: Path) -> Path:
    """Returns the socket at which web processes borrow an engine process."""
    return run / "engine"


def vital_signs_socket(run: Path) -> Path:
    """Returns the socket at which the main process reports the state of its processes."""
    return run / "signs"


def lock_file(run: Path) -> Path:
    return run / "lock"


def key_file(var: Path) -> Path:
    return var / "keys" / "field.keys"


def audit_key_file(var: Path) -> Path:
    return var / "keys" / "audit.key"


def settings_file(var: Path) -> Path:
    """Returns the settings file that `placement init` writes. Environment variables override it."""
    return var / "placement.env"


def settings_line(variable: str, value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"{variable}='{escaped}'\n"
