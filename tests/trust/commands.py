"""Runs the command as a user does, and small inputs for it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

OPTIONS = """\
query_class,queries_per_day,option,model,accuracy,cost_usd
easy,1000,small,a,0.6,0.001
easy,1000,large,b,0.8,0.01
hard,500,small,a,0.3,0.002
hard,500,large,b,0.5,0.02
"""
SOLVE = ("solve", "--options", "options.csv", "--budget", "12", "-o", "plan.json")

Done = subprocess.CompletedProcess[str]


def command(*words: object) -> list[str]:
    return [sys.executable, "-m", "planner", *map(str, words)]


def planner(
    *words: object,
    cwd: Path,
    before: Callable[[], None] | None = None,
    stdout: Any = subprocess.PIPE,
    **environment: str,
) -> Done:
    """The command in a process of its own; `before` runs in it first."""
    return subprocess.run(
        command(*words),
        cwd=cwd,
        env={**os.environ, **environment},
        stdout=stdout,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
        check=False,
        timeout=120,
        preexec_fn=before,
    )


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
