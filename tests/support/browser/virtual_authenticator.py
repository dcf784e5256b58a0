"""Chromium's virtual authenticator (WebAuthn over CDP): a device with a passkey store that agrees at once."""

from tests.support.browser.reader import Reader


class VirtualAuthenticator:
    """Authenticator of a reader's page, which lives as long as the page. `transport`: a page can have only one
    `internal` device.
    """

    def __init__(self, reader: Reader, transport: str = "internal") -> None:
        self._transport = transport
        self._session = reader.context.new_cdp_session(reader.page)
        self._session.send("WebAuthn.enable")
        self.id = self._add()

    def lose(self) -> None:
        """Removes the device with all its passkeys."""
        self._session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self.id})

    def _add(self) -> str:
        options = {
            "protocol": "ctap2",
            "transport": self._transport,
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        made = self._session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        return str(made["authenticatorId"])
