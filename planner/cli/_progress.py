"""Progress on stderr, where someone looks at it: a bar, or for how long something has run."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import ParamSpec, TypeVar

Params = ParamSpec("Params")
Result = TypeVar("Result")

EVERY_S = 1.0
"""Until something is shown, and from one showing to the next."""
CLEAR_LINE = "\r\033[K"


def timed(call: Callable[Params, Result], title: str, hidden: bool) -> Callable[Params, Result]:
    """`call`, with its title and the seconds that it has run on stderr while it runs.

    Nothing is shown of what takes less than a second, and nothing stays on the screen.
    """

    @wraps(call)
    def shown(*args: Params.args, **kwargs: Params.kwargs) -> Result:
        with _running(title, hidden):
            return call(*args, **kwargs)

    return shown


@contextmanager
def _running(title: str, hidden: bool) -> Iterator[None]:
    if hidden or not sys.stderr.isatty():
        yield
        return
    screen, over, started = sys.stderr, threading.Event(), time.monotonic()

    def tell() -> None:
        while not over.wait(EVERY_S):
            screen.write(f"{CLEAR_LINE}{title}: {time.monotonic() - started:.0f} s")
            screen.flush()

    teller = threading.Thread(target=tell, daemon=True)
    teller.start()
    try:
        yield
    finally:
        over.set()
        teller.join()
        screen.write(CLEAR_LINE)
        screen.flush()


@contextmanager
def bytes_read(title: str, hidden: bool) -> Iterator[Callable[[int, int], None] | None]:
    """A bar of bytes worked through; None to call where none is shown."""
    if hidden or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=None)

        def move(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield move
