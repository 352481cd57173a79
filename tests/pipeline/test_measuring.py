"""`planner measure` by its command: its exit code, what it prints and writes."""

from __future__ import annotations

import csv
import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from command_here import called

Record = dict[str, Any]


def measured(cwd: Path, *words: object) -> list[Record]:
    """The rows of obs.csv, which must have been written without a complaint."""
    done = called("measure", *words, "-o", "obs.csv", cwd=cwd)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    with (cwd / "obs.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def records(problems: int = 12, samples: int = 6, model: str = "m", seed: int = 0) -> list[Record]:
    rng = np.random.default_rng(seed)
    return [
        {
            "model": model,
            "question_set": "set",
            "problem_id": f"p{p}",
            "sample": s,
            "correct": int(rng.random() < (p + 1) / (problems + 1)),
            "answer": str(int(rng.integers(3))),
            "score": round(float(rng.random()), 3),
            "level": "easy" if p >= problems // 2 else "hard",
        }
        for p in range(problems)
        for s in range(samples)
    ]


def sound(rows: list[Record]) -> list[Record]:
    """Records of which equal answers are right or wrong together."""
    return [{**row, "answer": "yes" if row["correct"] else row["answer"]} for row in rows]


def write(path: Path, rows: list[Record]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_logs_become_observations_then_curves_then_a_page_with_no_hand_edits(
    tmp_path: Path,
) -> None:
    write(tmp_path / "logs" / "a.jsonl", sound(records()))
    write(tmp_path / "logs" / "b.jsonl", sound(records(model="n", seed=1)))
    rows = measured(tmp_path, "logs", "--verifier", "my-prm")
    assert {r["method"] for r in rows} == {
        "sampled", "oracle_best_of_n", "majority_vote", "best_of_n", "weighted_vote"
    }  # fmt: skip
    assert {r["bucket"] for r in rows} == {"all", "easy", "hard"}
    assert called("check", "obs.csv", cwd=tmp_path).returncode == 0
    fitted = called("fit", "obs.csv", "-o", "curves.json", cwd=tmp_path)
    assert fitted.returncode == 0, fitted.stderr
    made = called("report", "curves.json", "-o", "page.html", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "<svg" in page
    assert "my-prm" in page


def test_the_draws_of_curves_are_those_of_the_measured_replicates(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", sound(records()))
    measured(tmp_path, "a.jsonl")
    with_table = called("fit", "obs.csv", "--json", cwd=tmp_path).stdout
    (tmp_path / "obs.meta.json").rename(tmp_path / "elsewhere.json")
    without = called("fit", "obs.csv", "--json", cwd=tmp_path).stdout
    assert json.loads(with_table)["curves"] != json.loads(without)["curves"]


def test_a_csv_edited_since_is_refused_with_its_measured_file(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", sound(records()))
    measured(tmp_path, "a.jsonl")
    with (tmp_path / "obs.csv").open("a") as file:
        file.write("\n")
    done = called("fit", "obs.csv", cwd=tmp_path)
    assert done.returncode == 2
    assert "changed since" in done.stderr


def test_saved_counts_beside_the_log_they_are_of_are_not_counted_twice(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", sound(records()))
    assert (
        called("measure", "a.jsonl", "--counts", "a.counts.parquet", cwd=tmp_path).returncode == 0
    )
    for words in (("a.jsonl", "a.counts.parquet"), ("b.counts.parquet", "a.counts.parquet")):
        if words[0] == "b.counts.parquet":
            again = called("measure", "a.counts.parquet", "--counts", words[0], cwd=tmp_path)
            assert again.returncode == 0, again.stderr
        done = called("measure", *words, "-o", "obs.csv", cwd=tmp_path)
        assert done.returncode == 2
        assert "counted already" in done.stderr
        assert not (tmp_path / "obs.csv").exists()


def broken_logs() -> Iterator[Any]:
    lines = [json.dumps(r) for r in sound(records(4, 3))]
    bad = json.dumps({**records(1, 1)[0], "problem_id": "px", "correct": "maybe"})
    other = json.dumps({**records(1, 1)[0], "problem_id": "px", "model": "n", "run_id": "r"})
    runs = [json.dumps({**json.loads(line), "run_id": "r"}) for line in lines]
    counts = ["model,problem_id,n_total,n_correct", "m,1,4,2", "m,2,0,0", "m,3,4,1"]
    yield pytest.param("a.jsonl", [*lines, lines[0][:20]], "a.jsonl:13", id="half a line")
    yield pytest.param("a.jsonl", [*lines[:5], bad, *lines[5:]], "a.jsonl:6", id="unknown grade")
    yield pytest.param("a.jsonl", [*runs, other], "a.jsonl:13", id="mixed models")
    yield pytest.param("a.csv", counts, "a.csv:3", id="zero samples")


@pytest.mark.parametrize(("name", "lines", "place"), list(broken_logs()))
def test_broken_logs_name_the_place_and_write_nothing(
    name: str, lines: list[str], place: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text("\n".join(lines), encoding="utf-8")
    done = called("measure", name, "-o", "obs.csv", cwd=tmp_path)
    assert done.returncode == 2
    assert place in done.stderr
    assert "--skip-bad" in done.stderr
    assert "Traceback" not in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize(("name", "lines", "place"), list(broken_logs()))
def test_what_is_sound_is_measured_and_what_is_not_is_counted(
    name: str, lines: list[str], place: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text("\n".join(lines), encoding="utf-8")
    rows = measured(tmp_path, name, "--skip-bad")
    left = json.loads((tmp_path / "obs.meta.json").read_text())["left_out"]
    assert [item["rows"] for item in left] == [1]
    gone = int(place.rpartition(":")[2]) - 1
    (tmp_path / name).write_text("\n".join(lines[:gone] + lines[gone + 1 :]), encoding="utf-8")
    assert measured(tmp_path, name) == rows


def test_a_cut_off_gzip_is_named_and_its_sound_part_kept(tmp_path: Path) -> None:
    text = "".join(json.dumps(r) + "\n" for r in sound(records(60, 6)))
    whole = gzip.compress(text.encode())
    (tmp_path / "a.jsonl.gz").write_bytes(whole[: len(whole) // 2])
    done = called("measure", "a.jsonl.gz", "-o", "obs.csv", cwd=tmp_path)
    assert done.returncode == 2
    assert "cut off" in done.stderr
    assert not (tmp_path / "obs.csv").exists()
    rows = measured(tmp_path, "a.jsonl.gz", "--skip-bad")
    assert 10 < int(rows[0]["n_questions"]) < 60


def test_one_endless_line_is_refused_in_little_memory(tmp_path: Path) -> None:
    with (tmp_path / "a.jsonl").open("wb") as file:
        file.write(b"".join(json.dumps(r).encode() + b"\n" for r in sound(records(3, 2))))
        file.write(b'{"model": "')
        for _ in range(200):
            file.write(b"x" * 1_000_000)
        file.write(b'"}\n')
    limited = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_DATA, (2**30, 2**30));"
        "from planner.cli import main; sys.argv[0] = 'planner'; main()"
    )
    command = [sys.executable, "-c", limited, "measure", "a.jsonl", "--memory", "200MB"]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 2
    assert "a.jsonl:7" in done.stderr


def test_measuring_a_folder_twice_into_itself_gives_the_same_observations(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", sound(records()))
    found = []
    for _ in range(2):
        measured(tmp_path, ".")
        found.append([(tmp_path / n).read_bytes() for n in ("obs.csv", "obs.meta.json")])
    assert found[0][0] == found[1][0]
    first, second = (json.loads(meta) for _, meta in found)
    assert first["inputs"] == second["inputs"]


def test_what_is_printed_as_json_is_one_object_and_nothing_else(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", sound(records()))
    done = called("measure", "a.jsonl", "--at", "1,2,5", "--json", cwd=tmp_path)
    found = json.loads(done.stdout)
    assert done.stderr == ""
    assert found["schema"] == "planner.measured/1"
    assert {row["n_samples"] for row in found["observations"]} == {1, 2, 5}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.jsonl"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("a.jsonl", "--at", "1,7"), "only 6 samples"),
        (("a.jsonl", "--adaptive"), "until an answer was right"),
        (("a.jsonl", "--partition", "quantile"), "did you mean quantiles"),
        (("a.jsonl", "--partition", "quantiles"), "--reference"),
        (("a.jsonl", "--steps", "mean"), "min, product, last"),
        (("a.jsonl", "--format", "jsonl"), "there is no format"),
        (("a.jsonl", "--memory", "much"), "size of memory"),
        (("a.jsonl", "--counts", "a.parquet"), ".counts.parquet"),
        (("a.jsonl", "-o", "nowhere/obs.csv"), "make the folder"),
        (("a.jsonl", "-o", "a.jsonl"), "over one of the logs"),
        (("a.jsonl", "--filter", "none"), "no lm-evaluation-harness log"),
        (("a.jsonl", "--scorer", "match"), "no inspect_ai log"),
        (("b.jsonl",), "did you mean a.jsonl"),
    ],
)
def test_a_wish_that_cannot_be_met_says_why_and_leaves_the_folder_alone(
    words: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    text = write(tmp_path / "a.jsonl", sound(records())).read_bytes()
    done = called("measure", *words, cwd=tmp_path)
    assert done.returncode == 2, done.stdout
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["a.jsonl"]
    assert (tmp_path / "a.jsonl").read_bytes() == text


def test_step_scores_become_one_by_the_way_asked_for(tmp_path: Path) -> None:
    rows: list[Record] = [
        {"model": "m", "problem_id": "1", "sample": 0, "correct": 1, "step_scores": [0.5, 0.8]},
        {"model": "m", "problem_id": "1", "sample": 1, "correct": 0, "step_scores": [0.45, 0.9]},
    ]
    write(tmp_path / "a.jsonl", rows)
    best = {}
    for how in ("min", "product", "last"):
        found = measured(tmp_path, "a.jsonl", "--steps", how, "--verifier", "v")
        best[how] = next(
            float(r["accuracy"])
            for r in found
            if (r["method"], r["n_samples"]) == ("best_of_n", "2")
        )
    assert best == {"min": 1.0, "product": 0.0, "last": 0.0}


def test_names_with_commas_quotes_and_line_ends_come_back_from_fit(tmp_path: Path) -> None:
    name = 'a "model", with; odd =NAMES'
    write(tmp_path / "a.jsonl", [{**r, "model": name} for r in sound(records())])
    assert {r["model"] for r in measured(tmp_path, "a.jsonl")} == {name}
    fitted = called("fit", "obs.csv", "--json", cwd=tmp_path)
    assert {c["model"] for c in json.loads(fitted.stdout)["curves"]} == {name}


@pytest.mark.realdata
@pytest.mark.parametrize("folder", ["inspect", "lm_eval"])
def test_real_logs_go_all_the_way_to_a_page(folder: str, shared_data: Path, tmp_path: Path) -> None:
    assert measured(tmp_path, shared_data / "logs" / folder)
    assert called("fit", "obs.csv", "-o", "curves.json", cwd=tmp_path).returncode == 0
    made = called("report", "curves.json", "-o", "page.html", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert "<svg" in (tmp_path / "page.html").read_text(encoding="utf-8")
