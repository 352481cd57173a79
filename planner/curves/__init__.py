"""Accuracy against samples: families, fits, uncertainty, and what lies between the data."""

from __future__ import annotations

from planner.curves.anchor import Anchor, Bridge, anchor_with_greedy
from planner.curves.book import CurveBook, LeftOut
from planner.curves.curve import Basis, Curve
from planner.curves.curves_json import curves_json
from planner.curves.families import FAMILIES
from planner.curves.key import CurveKey
from planner.curves.observed import fit_curves
from planner.curves.status import Status
from planner.curves.surface import Surface

__all__ = [
    "FAMILIES",
    "Anchor",
    "Basis",
    "Bridge",
    "Curve",
    "CurveBook",
    "CurveKey",
    "LeftOut",
    "Status",
    "Surface",
    "anchor_with_greedy",
    "curves_json",
    "fit_curves",
]
