"""Solving reads no more of scipy than it uses, and takes nothing from who uses the rest."""

from __future__ import annotations

import subprocess
import sys

SOLVE = """
import sys
from planner.allocate.solvers.postponed import postpone_unused
postpone_unused()
import scipy.optimize
postpone_unused()
assert "scipy.constants" not in sys.modules
from scipy.spatial.distance import cdist
from scipy import spatial
assert cdist([[0.0, 0.0]], [[3.0, 4.0]]) == 5.0
assert spatial.ConvexHull([[0, 0], [1, 0], [0, 1]]).volume == 0.5
"""


def test_geometry_is_read_when_it_is_used_and_not_by_the_solvers() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SOLVE], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
