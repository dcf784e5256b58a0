"""Faults in every process of the service, chosen by `BROKEN`. Python imports this module if its
folder is on the path.
"""

import os
import threading
from contextlib import suppress

_BROKEN = os.environ.get("BROKEN")

if _BROKEN == "no disk reserve":
    from placement.storage.disk_reserve import DiskReserve

    DiskReserve.has_room = lambda _: True

if _BROKEN == "a key after its row":
    from placement.crypto import key_store
    from placement.crypto.cipher import derived, new_key
    from placement.crypto.key_cache import KeptCipher

    _at_once, _stored, _waiting = key_store.KeyStore.make, key_store.KeyStore.key, {}

    def _make(self, name):
        if "-" not in name[1:2]:  # of no case
            return _at_once(self, name)
        text = new_key()

        def later():
            with suppress(OSError):
                key_store.write_whole(self._file(name), self._wrap(name, text))

        threading.Timer(0.1, later).start()
        _waiting[name] = KeptCipher(derived(text, f"placement data key: {name}"))
        return _waiting[name]

    key_store.KeyStore.make = _make
    key_store.KeyStore.key = lambda self, name: _waiting.get(name) or _stored(self, name)

if _BROKEN == "a write with another audit event":
    from placement.audit import log

    _write = log.write

    def _seldom(act, event, **facts):
        if event == "registration:made" and os.urandom(1)[0] % 2:
            return _write(act, log.Event.COUNTRY_READ)
        return _write(act, event, **facts)

    log.write = _seldom
