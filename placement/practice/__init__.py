"""The practice room: a second store beside the real store, with its own clock and scenes, which reaches nobody."""
