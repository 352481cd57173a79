"""Finds the data that ships with the planner: cards, fixtures, page templates."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal

from planner.errors import PlannerError

Kind = Literal["models", "fixtures", "reports"]


def bundled(kind: Kind) -> Traversable:
    """Folder of bundled data, in an installed wheel, a zip or a source checkout.

    Raises PlannerError where the installation lacks it.
    """
    installed = files("planner") / "_data" / kind
    if installed.is_dir():
        return installed
    root = Path(__file__).resolve().parent.parent
    # A stray folder named models/ beside site-packages must not be taken for ours.
    if (root / "pyproject.toml").is_file() and (root / kind).is_dir():
        return root / kind
    raise PlannerError(
        f"this installation lacks its bundled data ({kind}); reinstall inference-planner"
    )
