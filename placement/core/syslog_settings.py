"""Settings of the syslog receiver, which gets the audit events over TLS."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict

from placement.core.errors import Misconfigured
from placement.core.setting_fields import Count, text, variable

_Line = Annotated[str, text(str.strip)]


@dataclass(frozen=True, slots=True)
class Syslog:
    """The syslog receiver. `ca_file`: a file with the certificate authorities for the receiver. `client_file`: the
    service's own certificate and key, if the receiver asks for them.
    """

    host: str
    port: int
    ca_file: Path
    client_file: Path | None = None


class SyslogVariables(BaseModel):
    """The variables that are combined into the syslog receiver."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, use_attribute_docstrings=True)

    syslog_host: _Line = variable("PLACEMENT_SYSLOG_HOST", "", "syslog")
    """The host that gets the [audit events](../guide/audit.md#a-copy-off-the-host) by syslog over TLS."""
    syslog_port: Count = variable("PLACEMENT_SYSLOG_PORT", 6514, "syslog")
    """The port of that host."""
    syslog_ca_file: _Line = variable("PLACEMENT_SYSLOG_CA_FILE", "", "syslog")
    """A PEM file with the authorities that may certify that host. Its name is verified too."""
    syslog_client_file: _Line = variable("PLACEMENT_SYSLOG_CLIENT_FILE", "", "syslog")
    """A PEM file with our own certificate and its key, for a host that asks for it."""

    def syslog(self) -> Syslog | None:
        """Returns the receiver; `None` without a host. Raises `Misconfigured` if a certificate file is missing."""
        if not self.syslog_host:
            return None
        if not self.syslog_ca_file:
            raise Misconfigured("PLACEMENT_SYSLOG_HOST also needs PLACEMENT_SYSLOG_CA_FILE")
        client = Path(self.syslog_client_file) if self.syslog_client_file else None
        for file in filter(None, (Path(self.syslog_ca_file), client)):
            if not file.is_file():
                raise Misconfigured(f"PLACEMENT_SYSLOG_HOST needs the file {file}, which does not exist")
        return Syslog(self.syslog_host, self.syslog_port, Path(self.syslog_ca_file), client)
