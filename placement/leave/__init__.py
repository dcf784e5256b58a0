"""Leaving the service: the export with people, and the certified destruction of every data key."""
