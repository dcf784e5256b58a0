"""Child processes that end when their parent process ends, so that an orphan never keeps a port open."""

import ctypes
import os
import signal
import sys
import threading

_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)
_LOOK_EVERY_SECONDS = 0.5


def end_with(parent: int, *, by_kernel: bool = True) -> None:
    """Ends this process as soon as its parent process `parent` has ended. On Linux the kernel does this. On every
    system a thread also checks the parent's id. `by_kernel` must be false if a short-lived thread of the parent started
    this process. Otherwise the kernel ends this process together with that thread.
    """
    if by_kernel and sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:  # the parent ended before the call to prctl
        os._exit(1)
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    never = threading.Event()
    while not never.wait(_LOOK_EVERY_SECONDS):
        if os.getppid() != parent:
            os._exit(1)
