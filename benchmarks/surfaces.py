"""Surfaces over n and thinking tokens on real grids: cells left out, against an additive fit.

    python benchmarks/surfaces.py [--data ../shared/data]

Grids: models that Epoch AI ran at several lengths of thinking, 8 samples a question, on OTIS
Mock AIME and GPQA Diamond: majority votes at n = 1, 2, 4, 8 against the mean tokens of a
sample. And gpt-oss-120b by effort at n = 1 (its model card) beside its vote at n = 48 and
medium effort (Chen et al. 2026): an L of cells, efforts taken for doublings of thinking, which
is an assumption: no source prints their tokens.

The rival is the additive fit in logits: a level for each n and one for each length of thinking, or,
where that leaves the cell open, straight lines in the logs. What it cannot tell is not asked.
"""

from __future__ import annotations

import argparse
import csv
import gzip
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from planner.curves.grouping import grouped
from planner.curves.surface import fit_surface
from planner.domain.draws import CENTRAL, Draws
from planner.domain.observation import ALL, Observation, Observations
from planner.errors import InputError
from planner.measure.replicates import Correlation
from planner.measure.samples import ProblemSamples
from planner.measure.votes import majority_vote

Array = NDArray[np.float64]
Cell = tuple[int, int, float, int]
"""n, thinking tokens, accuracy, questions."""
DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
PATTERNS = ("one cell", "every vote at one length", "this n and more at one length")
EPOCH = ("otis_mock_aime_2024_2025", "gpqa_diamond")
MOSTLY = 40
"""Fewest questions of a run that counts as whole."""


def real_grids(data: Path) -> dict[str, list[Cell]]:
    """Votes by n and mean tokens of a sample, of every model with two lengths of thinking."""
    grids: dict[str, list[Cell]] = defaultdict(list)
    for name in EPOCH:
        runs: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
        with gzip.open(data / "epoch_inspect" / f"per_sample_{name}.csv.gz", "rt") as file:
            for row in csv.DictReader(file):
                runs[row["model"], row["run_id"]].append(row)
        for (model, _), rows in runs.items():
            grids[f"{name} {model}"] += _votes(rows)
    return {name: cells for name, cells in grids.items() if len({t for _, t, _, _ in cells}) > 1}


def _votes(rows: Sequence[dict[str, str]]) -> list[Cell]:
    samples = Counter(row["problem_id"] for row in rows)
    usual = int(np.median(list(samples.values())))
    rows = [row for row in rows if samples[row["problem_id"]] >= usual]
    tokens = [float(row["output_tokens"]) for row in rows if row["output_tokens"]]
    graded = all(row["correct"] for row in rows)
    if len(samples) < MOSTLY or not tokens or not graded:
        return []
    table = ProblemSamples.from_columns(
        [row["problem_id"] for row in rows],
        [float(row["correct"]) for row in rows],
        answer=[row["answer"] for row in rows],
    )
    n = [x for x in (1, 2, 4, 8) if x <= usual]
    try:
        accuracy = majority_vote(table, n).mean(0)
    except InputError:
        return []
    return [
        (x, round(float(np.mean(tokens))), float(y), len(samples))
        for x, y in zip(n, accuracy, strict=True)
    ]


def l_shapes(data: Path) -> dict[str, list[Cell]]:
    """gpt-oss-120b: three efforts at n = 1, and the vote at n = 48 and medium effort."""
    efforts = {"low": 1_000, "medium": 3_000, "high": 7_000}
    named = {"AIME 2024": "AIME 2024", "AIME 2025": "AIME 2025", "GPQA Diamond": "GPQA-Diamond"}
    grids: dict[str, list[Cell]] = {}
    with (data / "published" / "openai2025_gpt_oss.csv").open(encoding="utf-8") as file:
        singles = [r for r in csv.DictReader(file) if r["model"] == "gpt-oss-120b"]
    with (data / "published" / "chen2026_think_at_n.csv").open(encoding="utf-8") as file:
        votes = [
            r
            for r in csv.DictReader(file)
            if r["model"] == "gpt-oss-120b" and r["method"] == "majority_vote"
        ]
    for name, other in named.items():
        cells = [
            (1, efforts[r["depth"]], float(r["accuracy"]), int(r["n_questions"]))
            for r in singles
            if r["bucket"] == f"{name} (no tools)"
        ]
        cells += [
            (48, efforts["medium"], float(r["accuracy"]), int(r["n_questions"]))
            for r in votes
            if r["bucket"] == other
        ]
        grids[name] = cells
    return grids


def additive_logits(cells: Sequence[Cell], n: int, tokens: int) -> float | None:
    """Accuracy at a cell by an additive fit in logits; None where it leaves the cell open."""
    ns, lengths, accuracy, questions = (
        np.array(c, dtype=np.float64) for c in zip(*cells, strict=True)
    )
    logit = _logit(accuracy, questions)
    designs = [
        (_levels(ns, lengths, ns, lengths), _levels(ns, lengths, np.r_[n], np.r_[tokens])),
        (_lines(ns, lengths), _lines(np.r_[n], np.r_[tokens])),
    ]
    for design, asked in designs:
        told = np.linalg.matrix_rank(design) == np.linalg.matrix_rank(np.r_[design, asked])
        if told and asked.any():
            found = asked[0] @ np.linalg.lstsq(design, logit, rcond=None)[0]
            return float(1.0 / (1.0 + np.exp(-found)))
    return None


def _logit(accuracy: Array, questions: Array) -> Array:
    p: Array = (accuracy * questions + 0.5) / (questions + 1.0)
    return np.log(p) - np.log1p(-p)


def _levels(ns: Array, lengths: Array, n: Array, tokens: Array) -> Array:
    columns = [n == x for x in np.unique(ns)] + [tokens == t for t in np.unique(lengths)]
    design = np.stack(columns, axis=-1).astype(np.float64)
    # A cell whose n, or whose length of thinking, was never seen is told by no level.
    design[(design[:, : len(np.unique(ns))].sum(1) == 0) | (design.sum(1) < 2)] = 0.0
    return design


def _lines(n: Array, tokens: Array) -> Array:
    return np.stack([np.ones(len(n)), np.log2(n), np.log2(1.0 + tokens / 1000.0)], axis=-1)


def ours(cells: Sequence[Cell], n: int, tokens: int) -> float | None:
    """Accuracy at a cell by the planner's surface; None where the cells make none."""
    rows = tuple(
        Observation(
            model="m",
            method="majority_vote",
            question_set="Q",
            bucket=ALL,
            n_samples=x,
            thinking_tokens=t,
            accuracy=y,
            n_questions=q,
        )
        for x, t, y, q in cells
    )
    found = grouped(Observations(rows, ("",) * len(rows), {}), None, {}).surfaces
    if not found:
        return None
    (cells_of,) = found
    measured = np.array([[row.accuracy for row in cells_of.rows]] * 2)
    own_share = 1.0 - Correlation().methods
    surface = fit_surface(cells_of.key, cells_of.rows, measured, own_share, Draws(1))
    return float(surface.accuracy([n], [tokens])[CENTRAL, 0])


def errors(grids: dict[str, list[Cell]], pattern: str) -> tuple[list[float], list[float]]:
    """Absolute errors on held-out cells: (the planner's, the additive fit's)."""
    found: tuple[list[float], list[float]] = ([], [])
    for cells in grids.values():
        for cell in cells:
            if pattern != "one cell" and cell[0] == 1:
                continue
            kept = [other for other in cells if not _left_out(other, cell, pattern)]
            rival = additive_logits(kept, cell[0], cell[1])
            mine = ours(kept, cell[0], cell[1])
            if rival is not None and mine is not None:
                found[0].append(abs(mine - cell[2]))
                found[1].append(abs(rival - cell[2]))
    return found


def _left_out(other: Cell, cell: Cell, pattern: str) -> bool:
    if pattern == "one cell":
        return other == cell
    least = 2 if pattern == "every vote at one length" else cell[0]
    return other[1] == cell[1] and other[0] >= least


def print_surfaces(data: Path) -> None:
    """One row a pattern."""
    print(f"{'surfaces':<26}{'left out':<34}{'cells':>6}{'planner':>9}{'additive':>10}")
    rows = [("Epoch AI, 8 grids", real_grids(data), p) for p in PATTERNS]
    rows.append(("gpt-oss-120b, 3 L-shapes", l_shapes(data), "one cell"))
    for title, grids, pattern in rows:
        mine, rival = errors(grids, pattern)
        means = f"{100 * np.mean(mine):>9.2f}{100 * np.mean(rival):>10.2f}"
        print(f"{title:<26}{pattern:<34}{len(mine):>6}{means}", flush=True)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, default=DATA)
    given = parser.parse_args()
    if not given.data.is_dir():
        print(f"surfaces: real measurements are not there: no folder {given.data}")
        return
    print_surfaces(given.data)


if __name__ == "__main__":
    main()
