"""Leaving the service: the export with people, and the destruction of every data key with a certificate."""
