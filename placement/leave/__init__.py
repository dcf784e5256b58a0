"""The end of the use of the service: the export with people, and the certified destruction of every data key."""
