"""What runs for long says so on stderr, only where someone looks, and leaves nothing behind."""

from __future__ import annotations

import io
import re
import time
from types import SimpleNamespace

import pytest

from planner.cli import _progress
from planner.cli._progress import CLEAR_LINE, timed


class Screen(io.StringIO):
    looked_at = True

    def isatty(self) -> bool:
        return self.looked_at


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    made = Screen()
    monkeypatch.setattr(_progress, "sys", SimpleNamespace(stderr=made))
    monkeypatch.setattr(_progress, "EVERY_S", 0.02)
    return made


def test_a_long_call_tells_its_seconds_and_clears_the_line(screen: Screen) -> None:
    assert timed(lambda s: time.sleep(s) or s, "planning", hidden=False)(0.2) == 0.2
    shown = screen.getvalue()
    assert re.search(rf"{re.escape(CLEAR_LINE)}planning: \d+ s", shown)
    assert shown.endswith(CLEAR_LINE)


def test_a_call_that_fails_clears_the_line_too(screen: Screen) -> None:
    def stopped() -> None:
        time.sleep(0.1)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        timed(stopped, "planning", hidden=False)()
    assert screen.getvalue().endswith(CLEAR_LINE)


@pytest.mark.parametrize(("hidden", "looked_at"), [(True, True), (False, False)])
def test_nothing_is_written_where_nobody_looks(
    screen: Screen, hidden: bool, looked_at: bool
) -> None:
    screen.looked_at = looked_at
    timed(time.sleep, "planning", hidden)(0.1)
    assert screen.getvalue() == ""


def test_a_short_call_shows_nothing(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_progress, "EVERY_S", 60.0)
    timed(time.sleep, "planning", hidden=False)(0.0)
    assert screen.getvalue() in ("", CLEAR_LINE)
