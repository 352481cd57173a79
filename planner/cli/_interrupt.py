"""Ctrl-C ends the command within a second, also in the middle of a solver's or database's work."""

from __future__ import annotations

import os
import signal
import threading

GRACE_S = 0.7
"""Time to end in an orderly way, with temporary files removed."""


def end_soon_after_ctrl_c(code: int) -> None:
    """From now on a Ctrl-C that is not acted upon in `GRACE_S` ends the process with `code`.

    Python acts on a signal only between two of its own instructions, and a solver's call may take
    minutes. The operating system writes to a pipe at once, which a thread listens to.
    """
    if os.name != "posix" or threading.current_thread() is not threading.main_thread():
        return
    heard, told = os.pipe()
    os.set_blocking(told, False)
    signal.set_wakeup_fd(told, warn_on_full_buffer=False)
    threading.Thread(target=_wait, args=(heard, code), daemon=True).start()


def _wait(heard: int, code: int) -> None:
    while os.read(heard, 1) != bytes([signal.SIGINT]):
        continue
    threading.Event().wait(GRACE_S)
    os.write(2, b"planner: stopped\n")
    os._exit(code)
