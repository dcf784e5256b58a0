"""A PKCS#11 token for a test: SoftHSM, in a folder of its own."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from placement.core import clock
from placement.crypto import token_keys, token_session
from placement.crypto.token_keys import TokenKeys
from placement.crypto.token_session import Address

LIBRARY = "/usr/lib/softhsm/libsofthsm2.so"
PIN = "4711-kanarie"


@dataclass(frozen=True)
class Token:
    folder: Path
    label: str = "trial"

    @property
    def pin_file(self) -> Path:
        return self.folder / "pin"

    @property
    def tokens(self) -> Path:
        """Returns the folder of SoftHSM's tokens."""
        return self.folder / "tokens"

    @property
    def uri(self) -> str:
        return f"pkcs11:token={self.label}?module-path={LIBRARY}&pin-source=file:{self.pin_file}"

    def keys(self) -> TokenKeys:
        """Opens the keys as another process would."""
        return TokenKeys(Address.read(self.uri))


def made_token(folder: Path) -> Token:
    """Initialises a token in this folder. Fails where SoftHSM is not installed."""
    if shutil.which("softhsm2-util") is None:
        pytest.fail("SoftHSM is not installed: run `make system-deps`")
    token = Token(folder)
    token.tokens.mkdir(parents=True)
    token.pin_file.write_text(PIN + "\n")
    settings = folder / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {token.tokens}\nobjectstore.backend = file\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(settings)  # the library reads it when it is begun
    made = ["softhsm2-util", "--init-token", "--free", "--label", token.label, "--so-pin", "so-" + PIN, "--pin", PIN]
    subprocess.run(made, check=True, capture_output=True)
    begin_anew()
    return token


def go_on(patch: pytest.MonkeyPatch, time: timedelta) -> None:
    """Moves the clock forward by this time."""
    later = clock.now() + time
    patch.setattr("placement.core.clock.now", lambda: later)


def begin_anew() -> None:
    """Resets the module as in a new process: no session is open, and the library is initialised at its first use."""
    token_session._PROCESS.begin_anew()
    token_keys._KNOWN.clear()


def token_of_test(tmp_path: Path) -> Iterator[Token]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", "")
        yield made_token(tmp_path / "token")
        begin_anew()
