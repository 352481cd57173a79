"""Linear programs with whole variables, solved by HiGHS through `scipy.optimize.milp`."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.allocate.problem import Array
from planner.allocate.solvers.postponed import postpone_unused

NODE_LIMIT = 20_000
"""Searches are capped by nodes, never by seconds, so that two runs agree."""
OPTIONS: Mapping[str, Any] = {
    "mip_rel_gap": 0.0,
    "node_limit": NODE_LIMIT,
    # Guesses of a first plan take most of the time of programs as small as these, and change no
    # optimum. Earlier versions of HiGHS do not guess, and do not know the option.
    "mip_heuristic_run_feasibility_jump": False,
}


def highs(
    objective: Array,
    bounds: tuple[Array, Array],
    rows: Sequence[tuple[Any, Array, Array]],
    integral: NDArray[np.int64] | None,
) -> Any:
    """What `scipy.optimize.milp` says of the least objective @ x.

    bounds: (variable,) lowest and highest. rows: matrices (row, variable) with the limits (row,) of
    what they give. integral: (variable,) 1 where whole; None: nowhere.
    """
    postpone_unused()
    from scipy.optimize import Bounds, LinearConstraint, milp

    solve: Any = milp  # its stubs know no option of HiGHS alone
    with solver_silenced(), warnings.catch_warnings():
        # scipy says of options that it does not know itself that HiGHS gets them as they are.
        warnings.filterwarnings("ignore", "Unrecognized options")
        return solve(
            objective,
            integrality=integral,
            bounds=Bounds(*bounds),
            constraints=[LinearConstraint(*limited) for limited in rows],
            options=dict(OPTIONS),  # scipy takes entries out of what it is given
        )


@contextmanager
def solver_silenced() -> Iterator[None]:
    """Sends what HiGHS writes on file descriptor 1 to nowhere.

    Some of its debug lines ignore its own display option, and one of them would break `--json`.
    """
    sys.stdout.flush()
    try:
        saved = os.dup(1)
    except OSError:  # no standard output at all: nothing to protect
        yield
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        yield
    finally:
        os.dup2(saved, 1)
        os.close(saved)
        os.close(nowhere)
