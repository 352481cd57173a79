"""The command in a shell: completion, colours, and the next step."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

from commands import OPTIONS, SOLVE, command, planner

COMPLETE = """
import sys
sys.argv[0] = "planner"
from planner.cli import main
main()
"""


def completed(typed: str) -> set[str]:
    """What a shell offers after these words."""
    words = typed.split(" ")
    done = subprocess.run(
        [sys.executable, "-c", COMPLETE],
        env={
            **os.environ,
            "_PLANNER_COMPLETE": "complete_bash",
            "COMP_WORDS": typed,
            "COMP_CWORD": str(len(words) - 1),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return set(done.stdout.split())


def test_a_shell_does_not_complete_commands_and_options() -> None:
    assert completed("planner so") == {"solve"}
    assert {"--budget", "--profile"} <= completed("planner solve --")


def on_a_terminal(cwd: Path, **environment: str) -> str:
    """What a run writes to a terminal."""
    master, slave = pty.openpty()
    with subprocess.Popen(
        command(*SOLVE), cwd=cwd, env={**os.environ, **environment}, stdout=slave, stderr=slave
    ) as run:
        os.close(slave)
        said = b""
        while True:
            try:
                more = os.read(master, 4096)
            except OSError:
                break
            if not more:
                break
            said += more
        assert run.wait(60) == 0
    os.close(master)
    return said.decode()


def test_no_color_is_not_kept_to_or_the_next_step_is_not_told(tmp_path: Path) -> None:
    (tmp_path / "options.csv").write_text(OPTIONS, encoding="utf-8")
    plain = on_a_terminal(tmp_path, TERM="xterm-256color", NO_COLOR="1")
    assert "\x1b[3" not in plain  # no colour; bold may stay
    assert "next: planner report plan.json" in plain
    piped = planner(*SOLVE, cwd=tmp_path, TERM="xterm-256color")
    assert "\x1b" not in piped.stdout
