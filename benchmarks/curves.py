"""Speeds of curve fitting, in one run with its peers.

    python benchmarks/curves.py                all cases
    python benchmarks/curves.py --quick        peers on fewer curves, no million refits

CPU-seconds of one process (all its threads), each case run three times, the quickest told. Peers:
a scipy `curve_fit` loop with the analytic Jacobian and the same start for every curve, the same by
lmfit where it is installed (it is no dependency of this project), and a statsmodels GLM loop for
logistic fits.
"""

from __future__ import annotations

import argparse
import csv
import importlib
import json
import math
import os
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from planner.curves.families import FAMILIES, Family, Separable
from planner.curves.fit import Points, fit
from planner.curves.logistic_fit import logistic_fit

Array = NDArray[np.float64]
N: Array = np.exp2(np.arange(12, dtype=np.float64))
QUESTIONS = 500
PEER_CURVES = 1_000
PEER_MODELS = 100


def curves(count: int) -> Points:
    """Three-parameter curves of 12 points, binomially noisy, each with weights of its own."""
    rng = np.random.default_rng(0)
    b = rng.uniform(0.1, 1.5, (count, 1))
    y = rng.binomial(QUESTIONS, 0.7 - 0.4 * N**-b) / QUESTIONS
    p = (y * QUESTIONS + 0.5) / (QUESTIONS + 1.0)
    return Points(N, y[:, None], QUESTIONS / (p * (1.0 - p)))


def cpu_s(work: Callable[[], object], runs: int = 3) -> float:
    """CPU-seconds of the quickest run."""
    times = []
    for _ in range(runs):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def warm(points: Points) -> Points:
    """The first two curves: a run that is not counted pays for the imports."""
    return Points(points.n, points.y[:2], points.weight[:2])


def curve_fit_loop(points: Points) -> None:
    """scipy's curve_fit on each curve: error e + a n^-b, analytic Jacobian."""
    from scipy.optimize import OptimizeWarning, curve_fit

    def value(n: Array, ceiling: float, a: float, b: float) -> Array:
        return np.asarray(ceiling - a * n**-b)

    def jacobian(n: Array, _ceiling: float, a: float, b: float) -> Array:
        power = n**-b
        return np.stack([np.ones_like(n), -power, a * power * np.log(n)], axis=-1)

    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", OptimizeWarning)
        for y, weight in zip(points.y[:, 0], points.weight, strict=True):
            try:
                curve_fit(value, N, y, (0.7, 0.4, 0.5), weight**-0.5, jac=jacobian)
            except RuntimeError:
                continue


def lmfit_loops() -> dict[str, Callable[[Points], None]]:
    """lmfit's Model.fit, and its minimize, on each curve from the same start, all else as it comes.

    Raises ImportError where lmfit is not installed.
    """
    lmfit: Any = importlib.import_module("lmfit")

    def value(n: Array, ceiling: float, a: float, b: float) -> Array:
        return np.asarray(ceiling - a * n**-b)

    model = lmfit.Model(value)
    start = lmfit.create_params(ceiling=0.7, a=0.4, b=0.5)

    def off(parameters: Any, y: Array, root: Array) -> Array:
        return root * (y - value(N, **parameters.valuesdict()))

    def by_model(points: Points) -> None:
        for y, weight in zip(points.y[:, 0], points.weight, strict=True):
            model.fit(y, start, n=N, weights=weight**0.5)

    def by_minimize(points: Points) -> None:
        for y, weight in zip(points.y[:, 0], points.weight, strict=True):
            lmfit.minimize(off, start, args=(y, weight**0.5))

    return {"Model.fit": by_model, "minimize": by_minimize}


def lmfit_speeds(ours: float, quick: bool) -> dict[str, Any]:
    """Curves per CPU-second of lmfit, by either of its ways, beside ours."""
    some = curves(20 if quick else 100)
    try:
        loops = lmfit_loops()
    except ImportError:
        return {"lmfit": "not installed, so not run"}
    found: dict[str, Any] = {}
    for name, loop in loops.items():
        with np.errstate(all="ignore"):
            loop(warm(some))
            peer = len(some.y) / cpu_s(partial(loop, some), 1 if quick else 3)
        found[f"lmfit {name} loop, curves per CPU-s"] = round(peer)
        found[f"times lmfit {name} at 1e4"] = round(ours / peer, 1)
    return found


def separable_speeds(quick: bool) -> dict[str, Any]:
    """Curves per CPU-second of the power law, against curve_fit, and how they grow."""
    law = FAMILIES["power_law"]
    few = curves(PEER_CURVES // (10 if quick else 1))
    curve_fit_loop(warm(few))
    peer = len(few.y) / cpu_s(lambda: curve_fit_loop(few), 1 if quick else 3)
    seconds = {}
    for count in (10_000, 100_000) if quick else (10_000, 100_000, 1_000_000):
        many = curves(count)
        seconds[count] = cpu_s(partial(fit, law, many))
    counts = sorted(seconds)
    first, last = counts[0], counts[-1]
    growth = math.log(seconds[last] / seconds[first]) / math.log(last / first)
    return {
        "curve_fit loop, curves per CPU-s": round(peer),
        "ours at 1e4 curves, per CPU-s": round(first / seconds[first]),
        "times curve_fit at 1e4": round(first / seconds[first] / peer, 1),
        **lmfit_speeds(first / seconds[first], quick),
        f"full refits of {last} curves, CPU-s": round(seconds[last], 2),
        f"growth exponent {first} to {last}": round(growth, 3),
    }


def family_speeds() -> dict[str, Any]:
    """Central fits (searched) and refits of draws per CPU-second, by family."""
    points = curves(2_000)
    rng = np.random.default_rng(1)
    found = {}
    for name, family in FAMILIES.items():
        searched = cpu_s(partial(fit, family, points), 2)
        near = fit(family, points)[:20, 0]
        shape = (20, 400)
        y = (
            points.y[:20]
            + 0.01 * rng.normal(size=(*shape, 1))
            + 0.004 * rng.normal(size=(*shape, len(N)))
        )
        draws = Points(N, y, points.weight[:20])
        drawn = cpu_s(partial(fit, family, draws, near=near), 2)
        found[name] = {
            "searched per CPU-s": round(2_000 / searched),
            "draws per CPU-s": round(8_000 / drawn),
        }
    return found


def logistic_speeds(quick: bool) -> dict[str, Any]:
    """Batched logistic regression against a statsmodels GLM loop."""
    import statsmodels.api as sm

    rng = np.random.default_rng(2)
    design = np.column_stack([np.ones(len(N)), np.log(N)])
    count = 10_000
    chance = 1.0 / (1.0 + np.exp(-(design @ rng.normal([-0.5, 0.3], [0.5, 0.1], (count, 2)).T)))
    right = rng.binomial(QUESTIONS, chance.T).astype(np.float64)
    total = np.full_like(right, QUESTIONS)
    some = PEER_MODELS // (4 if quick else 1)
    family = sm.families.Binomial()

    def loop(some: int = some, tol: float = 1e-8) -> list[Array]:
        return [
            np.asarray(
                sm.GLM(np.column_stack([r, t - r]), design, family=family).fit(tol=tol).params
            )
            for r, t in zip(right[:some], total, strict=False)
        ]

    loop(2)
    ours = cpu_s(lambda: logistic_fit(design, right, total))
    peer = cpu_s(loop, 1 if quick else 3)
    apart = np.abs(
        logistic_fit(design, right[:some], total[:some]) - np.stack(loop(tol=1e-14))
    ).max()
    return {
        "statsmodels GLM loop, fits per CPU-s": round(some / peer),
        "ours, fits per CPU-s": round(count / ours),
        "times statsmodels": round(count / ours / (some / peer)),
        "largest difference of a coefficient": float(f"{apart:.2g}"),
    }


def fit_command(quick: bool) -> dict[str, Any]:
    """`planner fit` with 400 draws a curve: CPU-seconds and peak MB, whole process."""
    found: dict[str, Any] = {}
    count = 100 if quick else 1_000
    separable = ",".join(n for n, f in FAMILIES.items() if isinstance(f, Separable))
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "obs.csv"
        asked = ["fit", str(table), "-o", str(Path(folder) / "c.json"), "--quiet"]
        for method in ("majority_vote", "best_of_n", "oracle_best_of_n"):
            _write(table, method, count)
            for families, more in (("all", []), ("separable", ["--families", separable])):
                before = _cpu_of_children()
                command = [sys.executable, "-m", "planner", *asked, *more]
                subprocess.run(command, check=True, capture_output=True)
                what = f"planner fit, {count} of {method}, {families} families"
                found[f"{what}, CPU-s"] = round(_cpu_of_children() - before, 1)
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    found["planner fit, peak MB"] = round(peak)
    return found


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _write(table: Path, method: str, count: int) -> None:
    rng = np.random.default_rng(3)
    with table.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        columns = "model method verifier question_set bucket n_samples accuracy n_questions"
        out.writerow(columns.split())
        verifier = "prm" if method == "best_of_n" else ""
        for i in range(count):
            b, a, top = rng.uniform(0.2, 1.2), rng.uniform(0.1, 0.5), rng.uniform(0.6, 0.9)
            right = rng.binomial(QUESTIONS, top - a * N[:9] ** -b)
            if method == "oracle_best_of_n":
                right = np.sort(right)
            for n, r in zip(N, right, strict=False):
                question_set = f"set {i % 20}"
                row = [f"m{i}", method, verifier, question_set, "all", int(n)]
                out.writerow([*row, r / QUESTIONS, QUESTIONS])


def objective(family: Family, points: Points, theta: Array) -> Array:
    """Sum over points of weight (y - value)^2, shape (curve, draw)."""
    residual = points.y - family.value(points.n, theta)
    return np.asarray((points.weight[:, None] * residual**2).sum(-1))


def objective_gap() -> float:
    """Largest relative excess of the power law's objective over a dense search of its shape."""
    points = curves(200)
    law = FAMILIES["power_law"]
    ours = objective(law, points, fit(law, points))[:, 0]
    shapes: Array = np.geomspace(0.01, 3.0, 20_001)
    best = np.full(len(ours), np.inf)
    for part in np.array_split(shapes, 200):
        shape = np.repeat(part[None], len(ours), axis=0)
        each = Points(N, np.repeat(points.y, len(part), axis=1), points.weight)
        best = np.minimum(best, objective(law, each, fit(law, each, shape=shape)).min(1))
    return float((ours / best - 1.0).max())


def main() -> None:
    """Run the cases and print them, or JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args()
    found = {
        "load_1min": round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None,
        "separable": separable_speeds(given.quick),
        "objective over a dense search, relative": float(f"{objective_gap():.2g}"),
        "families": family_speeds(),
        "logistic": logistic_speeds(given.quick),
        "command": fit_command(given.quick),
    }
    if given.json:
        print(json.dumps(found, indent=2))
        return
    for section, rows in found.items():
        if not isinstance(rows, dict):
            print(f"{section}: {rows}")
            continue
        print(section)
        for name, value in rows.items():
            print(f"  {name:<66}{value}")


if __name__ == "__main__":
    main()
