"""What the service says by itself: messages that arrive, by mail and by webhook; and reminders."""
