"""`python -m bench.keys`: measures the decryption of 1,000 fields that belong to 1,000 owners.

*Cold* means that no data key is in memory, so each key must be unwrapped first. *Warm* means that all data keys are in
memory. The master keys are in a file or in a token (SoftHSM, in a temporary folder). The two are measured in turns.
"""

import os
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import typer
from cryptography.fernet import Fernet

from placement.crypto.cipher import Place
from placement.crypto.encrypted_columns import Keys, Sealed, sealed_with
from placement.crypto.key_ring import KeyRing
from placement.crypto.key_store import KeyStore
from placement.crypto.token_keys import keys_in_token

_LIBRARY = "/usr/lib/softhsm/libsofthsm2.so"
_PIN = "measured"
_SEALED = Sealed("owner")


def main(fields: int = 1_000, rounds: int = 5) -> None:
    """Measures both kinds of master keys, and prints the median of the rounds."""
    with TemporaryDirectory() as folder:
        stores = {"file": in_file(Path(folder)), "token": in_token(Path(folder))}
        for name, seconds in measured(stores, fields, rounds).items():
            typer.echo(f"{name}: {seconds * 1000:.1f} ms for {fields:,} fields")


def measured(stores: Mapping[str, Keys], fields: int, rounds: int) -> dict[str, float]:
    """Returns the median seconds, by master key and state of the data keys, such as `file, cold`. The master keys take
    turns, so that other work on the machine affects both.
    """
    opens = {name: _opener(keys, fields) for name, keys in stores.items()}
    found: dict[str, list[float]] = {}
    for _ in range(rounds):
        for name, keys in stores.items():
            for owner in keys.store.names():
                keys.store.forget(owner)
            for state in ("cold", "warm"):
                began = time.perf_counter()
                opens[name]()
                found.setdefault(f"{name}, {state}", []).append(time.perf_counter() - began)
    return {name: median(seconds) for name, seconds in found.items()}


def _opener(keys: Keys, fields: int) -> Callable[[], None]:
    """Makes owners with a field each, and returns a function that decrypts all fields."""
    places = {f"R-{number}": Place("registration", "alias", (f"R-{number}",)) for number in range(fields)}
    stored = {
        owner: sealed_with(owner, keys.store.make(owner), place, f"value of {owner}").stored
        for owner, place in places.items()
    }

    def opens() -> None:
        for owner, place in places.items():
            if _SEALED.opened(keys, stored[owner], place) != f"value of {owner}":
                raise RuntimeError(owner)

    return opens


def in_file(folder: Path) -> Keys:
    ring = KeyRing((Fernet.generate_key().decode(),))
    return _founded(Keys(ring, KeyStore(folder / "by-file", ring)))


def in_token(folder: Path) -> Keys:
    tokens, pin, settings = folder / "tokens", folder / "pin", folder / "softhsm2.conf"
    tokens.mkdir()
    pin.write_text(_PIN)
    settings.write_text(f"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(settings)
    made = ["softhsm2-util", "--init-token", "--free", "--label", "bench", "--so-pin", _PIN, "--pin", _PIN]
    subprocess.run(made, check=True, capture_output=True)  # noqa: S603 - fixed words
    masters = keys_in_token(f"pkcs11:token=bench?module-path={_LIBRARY}&pin-source=file:{pin}")
    masters.add()
    return _founded(Keys(KeyRing((Fernet.generate_key().decode(),)), KeyStore(folder / "by-token", masters)))


def _founded(keys: Keys) -> Keys:
    keys.store.found()
    return keys


if __name__ == "__main__":
    typer.run(main)
