"""Firefox, as Debian has it, driven by WebDriver through its own protocol (Marionette): no program stands between."""

import json
import os
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from shutil import which
from typing import Any

from tests.support.browser.webdriver_user import ADVICE
from tests.support.outages import until
from tests.support.ports import free_port

_COMMAND = "firefox-esr"
_PATIENCE = 60
_AUTHENTICATORS = {
    "security.webauth.webauthn_enable_softtoken": True,
    "security.webauth.webauthn_enable_usbtoken": False,  # it waits for one first
}


@contextmanager
def firefox(width: int, height: int) -> Iterator["Firefox"]:
    """Starts a browser without a window, with an unused profile. It is no narrower than 500."""
    assert which(_COMMAND), ADVICE.format("Firefox")
    port = free_port()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        settings = {"marionette.port": port, **_AUTHENTICATORS}
        written = "".join(f'user_pref("{name}", {json.dumps(value)});\n' for name, value in settings.items())
        Path(home, "user.js").write_text(written, encoding="utf-8")
        command = [_COMMAND, "--headless", "--marionette", "--no-remote", "--profile", home]
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        with subprocess.Popen(command, env={**os.environ, "HOME": home}, **quiet) as process:
            try:
                with closing(Firefox(until(lambda: _connection(port)))) as browser:
                    browser.ask("WebDriver:NewSession")
                    browser.ask("WebDriver:SetWindowRect", width=width, height=height)
                    yield browser
            finally:
                process.terminate()


def _connection(port: int) -> socket.socket | None:
    try:
        return socket.create_connection(("127.0.0.1", port), timeout=_PATIENCE)
    except ConnectionError:
        return None


class Firefox:
    """A session of WebDriver. A message is its length in bytes, a colon, and JSON: of an answer type, number, error and
    what came out.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection, self._answers = connection, connection.makefile("rb")
        self._numbers = count(1)
        self._read()  # its greeting

    def ask(self, command: str, **sent: Any) -> Any:
        message = json.dumps([0, next(self._numbers), command, sent]).encode()
        self._connection.sendall(b"%d:%s" % (len(message), message))
        _, _, error, found = self._read()
        assert error is None, error
        return found.get("value", found)

    def close(self) -> None:
        self._answers.close()
        self._connection.close()

    def go(self, address: str) -> None:
        self.ask("WebDriver:Navigate", url=address)

    def run(self, script: str, *given: Any) -> Any:
        return self.ask("WebDriver:ExecuteScript", script=script, args=given, sandbox=None)

    def find(self, css: str) -> Any:
        return self.ask("WebDriver:FindElement", using="css selector", value=css)

    def press(self, element: str) -> None:
        self.ask("WebDriver:ElementClick", id=element)

    def write(self, element: str, text: str) -> None:
        self.ask("WebDriver:ElementSendKeys", id=element, text=text)

    def add_authenticator(self) -> None:
        """Adds a device with a store of passkeys that agrees at once."""
        how = {"hasResidentKey": True, "hasUserVerification": True, "isUserConsenting": True, "isUserVerified": True}
        self.ask("WebAuthn:AddVirtualAuthenticator", protocol="ctap2", transport="internal", **how)

    def _read(self) -> Any:
        length = b""
        while (one := self._answers.read(1)) != b":":
            assert one, "Firefox has ended"
            length += one
        return json.loads(self._answers.read(int(length)))
