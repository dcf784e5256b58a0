"""Where the files of an installation are, below its folder `PLACEMENT_VAR`."""

from pathlib import Path


def metrics_folder(var: Path) -> Path:
    """The folder in which the web processes of one `placement serve` share their metrics."""
    return var / "metrics"


def heartbeats_socket(var: Path) -> Path:
    """Where the web processes of one `placement serve` say that they go on."""
    return var / "heartbeats"


def engines_socket(var: Path) -> Path:
    """Where the web processes of one `placement serve` borrow an engine."""
    return var / "engines"


def key_file(var: Path) -> Path:
    return var / "keys" / "field.keys"


def audit_key_file(var: Path) -> Path:
    return var / "keys" / "audit.key"


def settings_file(var: Path) -> Path:
    """The file of settings that `placement init` writes: what no variable of the environment says is read there."""
    return var / "placement.env"
