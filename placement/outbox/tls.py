"""The cause of a failed TLS connection: for a certificate, the fault that its owner must correct."""

import ssl

TROUBLES = {
    9: "certificate_not_valid_now",
    10: "certificate_not_valid_now",
    62: "certificate_of_another_name",
    64: "certificate_of_another_name",
}
"""Troubles by the codes of OpenSSL (X509_V_ERR_...): not yet valid, expired, of another name, of another address."""


def trouble_of(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return TROUBLES.get(error.verify_code, "certificate_not_trusted")
    return "tls_failed"
