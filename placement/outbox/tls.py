"""Causes of failed TLS connections. If the certificate is wrong, the cause names the fault that the owner of the
certificate must correct.
"""

import ssl

TROUBLES = {
    9: "certificate_not_valid_now",
    10: "certificate_not_valid_now",
    62: "certificate_of_another_name",
    64: "certificate_of_another_name",
}
"""Codes of faults by the error numbers of OpenSSL (X509_V_ERR_...)."""


def trouble_of(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return TROUBLES.get(error.verify_code, "certificate_not_trusted")
    return "tls_failed"
