"""Real logs are read whole, and say what their publishers say."""

from __future__ import annotations

import csv
import gzip
from collections import Counter
from pathlib import Path

import pytest
from log_tables import opened, samples

INPUTS = {
    "epoch_inspect/per_sample_gpqa_diamond.csv.gz": 102_658,
    "epoch_inspect/per_sample_otis_mock_aime_2024_2025.csv.gz": 45_280,
    "routellm/per_problem.csv.gz": 30_722,
}


def rows_of(path: Path) -> list[dict[str, str]]:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.realdata
@pytest.mark.parametrize(("name", "rows"), INPUTS.items())
def test_every_sample_of_real_logs_is_read_as_it_stands(
    shared_data: Path, name: str, rows: int
) -> None:
    source = rows_of(shared_data / name)
    assert len(source) == rows
    expected = Counter(
        (
            row["dataset"],
            row["model"] + (f" (effort {e})" if (e := row.get("reasoning_effort")) else ""),
            row["problem_id"],
            int(row["sample_index"]),
            float(row["correct"]) if row["correct"] else None,
            row.get("answer") or None,
        )
        for row in source
    )
    with opened(shared_data / name) as found:
        columns = "question_set, model, problem_id, sample, correct, answer"
        read = found.connection.execute(f"SELECT {columns} FROM {found.view}").fetchall()
        assert not found.left_out
    assert Counter(read) == expected


@pytest.mark.realdata
@pytest.mark.parametrize("name", ["per_problem_counts_fixed10000.csv", "per_problem_counts.csv.gz"])
def test_real_counts_add_up(shared_data: Path, name: str) -> None:
    path = shared_data / "pythia" / name
    source = rows_of(path)
    drawn: Counter[tuple[str, str, str]] = Counter()
    right: Counter[tuple[str, str, str]] = Counter()
    for row in source:
        key = (row["dataset"], row["model"], row["problem_id"].removesuffix(".0"))
        drawn[key] += int(float(row["n_total"]))
        right[key] += int(float(row["n_correct"]))
    with opened(path) as found:
        read = found.connection.execute(
            "SELECT question_set, model, problem_id, sum(samples), sum(samples * correct) "
            f"FROM {found.view} GROUP BY ALL"
        ).fetchall()
    assert {tuple(row[:3]): row[3:] for row in read} == {
        key: (drawn[key], right[key]) for key in drawn
    }


@pytest.mark.realdata
def test_a_folder_of_all_formats_is_read_together(shared_data: Path) -> None:
    found = samples([shared_data / "logs", shared_data / "routellm" / "per_problem.csv.gz"])
    assert len(found.rows) > 30_722
    assert len(found.inputs) >= 6
