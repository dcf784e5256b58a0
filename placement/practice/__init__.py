"""The practice room: a second installation with its own database, clock and scenes. It sends no message."""
