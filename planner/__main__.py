"""`python -m planner` is the `planner` command."""

from __future__ import annotations

from planner.cli import main

main()
