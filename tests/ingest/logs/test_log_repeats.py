"""A record logged twice counts once, and two runs that share numbers count twice."""

from __future__ import annotations

import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from log_tables import Rows, opened, queried, write

COLUMNS = ("model", "run_id", "problem_id", "sample", "answer", "correct", "output_tokens")
Kept = Counter[tuple[Any, ...]]
FEWER = settings(max_examples=max(12, settings().max_examples // 4))


def kept(path: Path) -> tuple[Kept, int, list[str]]:
    """Samples that are left of each kind, how many records were repeats, and what is noted."""
    with opened(path) as found:
        rows = queried(found, f"SELECT * FROM {found.view}")
    counted: Kept = Counter()
    for row in rows:
        counted[tuple(row.get(column) for column in COLUMNS)] += row["samples"]
    notes = [note.message for note in found.notes if note.code == "shared_numbers"]
    return counted, sum(left.rows or 0 for left in found.left_out), notes


def record(sample: int | None, correct: float = 1.0, **more: Any) -> dict[str, Any]:
    return {"model": "m", "problem_id": "p", "sample": sample, "correct": correct, **more}


def samples_of(rows: Rows) -> Kept:
    return Counter(tuple(row.get(column) for column in COLUMNS) for row in rows)


@pytest.mark.parametrize(
    ("rows", "dropped"),
    [
        pytest.param([record(0), record(1), record(2)], 0, id="all apart"),
        pytest.param([record(0), record(0, run_id="b"), record(0, run_id="c")], 0, id="of runs"),
        pytest.param([record(0), {**record(0), "problem_id": "q"}], 0, id="of problems"),
        pytest.param([record(0), {**record(0), "model": "k"}], 0, id="of models"),
        pytest.param([record(0), record(0, thinking_tokens=9)], 0, id="of budgets"),
        pytest.param([record(0, verifier="a"), record(0, verifier="b")], 0, id="of verifiers"),
        pytest.param([record(None), record(None), record(3)], 0, id="without numbers"),
        pytest.param([record(0), record(0)], 1, id="twice"),
        pytest.param([record(5), record(5), record(68), record(68)], 2, id="far apart"),
        pytest.param([record(0, run_id="r")] * 3, 2, id="of a run"),
        pytest.param([record(0, output_tokens=7)] * 4 + [record(0, output_tokens=8)], 3, id="both"),
    ],
)
def test_only_records_that_are_equal_in_everything_are_repeats(
    tmp_path: Path, rows: Rows, dropped: int
) -> None:
    counted, repeats, _ = kept(write(tmp_path / "a.jsonl", rows))
    assert repeats == dropped
    assert counted.total() == len(rows) - dropped
    assert set(counted) == set(samples_of(rows))


def test_samples_that_share_a_number_are_kept_and_noted(tmp_path: Path) -> None:
    rows = [record(0, 1.0, answer="a"), record(0, 0.0, answer="b"), record(1, 1.0, answer="c")]
    counted, repeats, notes = kept(write(tmp_path / "a.jsonl", rows))
    assert counted == samples_of(rows)
    assert repeats == 0
    assert len(notes) == 1
    assert notes[0].startswith("2 samples")
    assert "run_id" in notes[0]


def test_runs_that_agree_by_chance_are_not_thinned(tmp_path: Path) -> None:
    # Two runs without names: where both are right, their records are equal.
    rows = [record(i, correct) for i, correct in enumerate([1.0, 1.0, 1.0, 0.0])]
    rows += [record(i, correct) for i, correct in enumerate([1.0, 1.0, 0.0, 1.0])]
    counted, repeats, notes = kept(write(tmp_path / "a.jsonl", rows))
    assert counted == samples_of(rows)
    assert repeats == 0
    assert notes[0].startswith("8 samples")


def test_a_log_given_twice_counts_once(tmp_path: Path) -> None:
    rows = [{**record(i % 8, i % 3 % 2), "problem_id": str(i // 8)} for i in range(80)]
    write(tmp_path / "a.csv", rows)
    write(tmp_path / "b.jsonl", rows)
    counted, repeats, notes = kept(tmp_path)
    assert repeats == 80
    assert counted.total() == 80
    assert not notes


def test_logs_without_numbers_are_left_alone(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "model,problem_id,correct\nm,p,1\nm,p,1\n")
    counted, repeats, notes = kept(path)
    assert (counted.total(), repeats, notes) == (2, 0, [])


@FEWER
@given(
    st.lists(
        st.tuples(
            st.sampled_from("pq"),
            st.none() | st.integers(0, 4) | st.integers(60, 70),
            st.sampled_from([0.0, 1.0]),
            st.integers(1, 3),
        ),
        min_size=1,
        max_size=25,
    )
)
def test_one_of_each_record_is_left_where_records_tell_samples_apart(
    found: list[tuple[str, int | None, float, int]],
) -> None:
    rows = [
        {"model": "m", "problem_id": p, "sample": s, "correct": c, "output_tokens": t}
        for p, s, c, t in found
    ]
    with tempfile.TemporaryDirectory() as folder:
        counted, repeats, _ = kept(write(Path(folder) / "a.jsonl", rows))
    given = samples_of(rows)
    for key, number in given.items():
        # Samples without a number cannot be told to be repeats; numbers far apart may hide them.
        spread = [s for p, s, _, _ in found if p == key[2] and s is not None]
        hidden = spread and max(spread) - min(spread) >= 64 and len(spread) <= 64
        assert counted[key] == (number if key[3] is None or hidden else 1)
    assert counted.total() + repeats == len(rows)
