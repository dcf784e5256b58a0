"""What the tests and their provider of single sign-on both know."""

PASSWORD = "correct horse battery staple"  # noqa: S105
TOTP = "twenty letters of it"
CLIENT, SECRET = "placement", "a secret of the client"
