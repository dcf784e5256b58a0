"""Constants shared by the tests and their identity provider."""

PASSWORD = "correct horse battery staple"  # noqa: S105
TOTP = "twenty letters of it"
CLIENT, SECRET = "placement", "a secret of the client"
