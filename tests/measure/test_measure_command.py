"""`planner measure` in a process of its own: what it prints, writes, refuses and leaves alone."""

from __future__ import annotations

import csv
import gzip
import json
import os
import subprocess
import sys
import zlib
from collections.abc import Sequence
from math import sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest

Record = dict[str, Any]
Done = subprocess.CompletedProcess[str]


def planner(*words: object, cwd: Path, **environment: str) -> Done:
    command = [sys.executable, "-m", "planner", *map(str, words)]
    settings = {**os.environ, **environment}
    return subprocess.run(
        command, cwd=cwd, env=settings, capture_output=True, encoding="utf-8", check=False
    )


def done(*words: object, cwd: Path, **environment: str) -> Done:
    """The command, which must have gone well."""
    found = planner(*words, cwd=cwd, **environment)
    assert found.returncode == 0, found.stderr
    return found


def refused(*words: object, cwd: Path) -> str:
    """What the command complains of, having written nothing."""
    before = {path: path.read_bytes() for path in cwd.rglob("*") if path.is_file()}
    found = planner(*words, cwd=cwd)
    assert found.returncode == 2, found.stdout + found.stderr
    assert found.stdout == ""
    assert "Traceback" not in found.stderr
    assert {path: path.read_bytes() for path in cwd.rglob("*") if path.is_file()} == before
    return found.stderr


def rows_of(path: Path) -> list[Record]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def meta_of(path: Path) -> Record:
    meta: Record = json.loads(path.with_name(f"{path.stem}.meta.json").read_text("utf-8"))
    return meta


def records(
    problems: int = 12, samples: int = 6, model: str = "m", seed: int = 0, *, scored: bool = False
) -> list[Record]:
    rng = np.random.default_rng(seed)
    drawn = []
    for p in range(problems):
        for s in range(samples):
            right = bool(rng.random() < (p + 1) / (problems + 1))
            drawn.append(
                {
                    "model": model,
                    "question_set": "set",
                    "problem_id": f"p{p}",
                    "sample": s,
                    "correct": int(right),
                    "answer": "yes" if right else str(rng.integers(3)),
                    "level": "easy" if p >= problems // 2 else "hard",
                    "output_tokens": int(rng.integers(20, 900)),
                }
                | ({"score": round(float(rng.random()), 3)} if scored else {})
            )
    return drawn


def lines_of(rows: Sequence[Record]) -> list[str]:
    return [json.dumps(row) + "\n" for row in rows]


def write(path: Path, rows: Sequence[Record]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(lines_of(rows)), encoding="utf-8")
    return path


@pytest.mark.realdata
def test_published_votes_and_coverage_come_out_cell_by_cell(
    shared_data: Path, tmp_path: Path
) -> None:
    """Every cell that the samples allow; coverage to rounding, votes within the table's noise.

    The table holds means over D random subsets, of which ties are split at random. At n = 1 a
    vote is one sample: maj_1 - pass_1 is noise alone, of variance Q within / D with the variance
    within a question that the measured file states, which tells D. At no n is the variance of a
    question above 1/4, so that a run's vote errs by at most sqrt(Q / 4 D) questions (1 sd). Where
    n is all samples there is but one subset, and a tie falls whole: up to 1 question for each of
    a few that are tied. The largest of some 500 normal errors lies below 4.5 sd.
    """
    folder = shared_data / "epoch_inspect"
    done("measure", *sorted(folder.glob("per_sample_*.csv.gz")), "-o", "obs.csv", cwd=tmp_path)
    meta = meta_of(tmp_path / "obs.csv")
    found = {
        (
            r["question_set"],
            r["model"].rpartition("/")[2],
            r["thinking_tokens"],
            r["method"],
            int(r["n_samples"]),
        ): float(r["accuracy"])
        for r in rows_of(tmp_path / "obs.csv")
        if r["bucket"] == "all"
    }
    table = rows_of(folder / "majority_vote_by_run.csv")
    for question_set, refusals, votes in (
        ("otis_mock_aime_2024_2025", 29, 324),
        ("gpqa_diamond", 30, 165),
    ):
        runs = [run for run in table if run["dataset"] == question_set]
        within = [v["within"] for v in meta["variance"] if v["question_set"] == question_set]
        single = [(float(r["maj_1"]) - float(r["pass_1"])) * int(r["n_questions"]) for r in runs]
        size = max(int(run["n_questions"]) for run in runs)
        draws = size * np.mean(within) / np.mean(np.square(single))
        assert 50 < draws < 1000
        apart: list[float] = []
        for run in runs:
            effort = f" (effort {run['reasoning_effort']})" if run["reasoning_effort"] else ""
            series = (question_set, run["model"] + effort, run["thinking_budget_tokens"])
            for n in (n for n in (1, 2, 4, 8, 16) if run[f"maj_{n}"]):
                covered = found.get((*series, "oracle_best_of_n", n))
                if covered is None:
                    assert (*series, "majority_vote", n) not in found
                    continue
                assert covered == pytest.approx(float(run[f"pass_{n}"]), abs=5.1e-5)
                vote = found[*series, "majority_vote", n] - float(run[f"maj_{n}"])
                apart.append(vote * int(run["n_questions"]))
        assert len(apart) == votes
        assert np.abs(apart).max() < 4.5 * sqrt(size / 4 / draws)
        assert np.std(apart) < sqrt(size / 4 / draws)
        assert abs(np.mean(apart)) < 4.5 * sqrt(size / 4 / draws / len(runs))
        why = [
            r["why"]
            for r in meta["not_measured"]
            if r["what"].startswith("majority vote") and f"on {question_set}" in r["what"]
        ]
        assert len(why) == refusals
        assert all("coverage only" in reason for reason in why)


@pytest.mark.realdata
def test_coverage_of_pythia_is_the_published_one_and_adaptive_counts_are_refused(
    shared_data: Path, tmp_path: Path
) -> None:
    """Brown et al. 2024 (arXiv:2407.21787): .27% at 1 and 57% at 10,000 for Pythia-160M."""
    folder = shared_data / "pythia"
    log = folder / "per_problem_counts_fixed10000.csv"
    printed = done("measure", log, "--at", "1,10,100,1000,10000", "--json", cwd=tmp_path).stdout
    found = {
        (r["model"], r["n_samples"]): r["accuracy"]
        for r in json.loads(printed)["observations"]
        if r["method"] == "oracle_best_of_n"
    }
    assert found["Pythia 160M", 1] == pytest.approx(0.0027, abs=5e-5)
    assert found["Pythia 160M", 10_000] == pytest.approx(0.57, abs=5e-3)
    large = {1: 0.0232, 10: 0.1568, 100: 0.4834, 1000: 0.7233, 10_000: 0.8750}
    for n, accuracy in large.items():
        assert found["Pythia 12B", n] == pytest.approx(accuracy, abs=5e-5)
    adaptive = folder / "per_problem_counts.csv.gz"
    said = refused("measure", adaptive, "--adaptive", "-o", "obs.csv", cwd=tmp_path)
    assert "until an answer was right" in said
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "real", [pytest.param(True, id="inspect_ai", marks=pytest.mark.realdata), False]
)
def test_logs_go_all_the_way_to_a_page_by_the_commands_that_are_printed(
    real: bool, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    folder = tmp_path / "my logs"
    if real:
        folder = request.getfixturevalue("shared_data") / "logs" / "inspect"
    else:
        write(folder / "a.jsonl", records())
    printed = done("measure", folder, "--partition", "none", "-o", "obs.csv", cwd=tmp_path).stdout
    assert printed.splitlines()[-2:] == ["wrote obs.csv", "next: planner fit obs.csv"]
    done("fit", "obs.csv", "-o", "curves.json", cwd=tmp_path)
    done("report", "curves.json", "-o", "page.html", cwd=tmp_path)
    assert "<svg" in (tmp_path / "page.html").read_text("utf-8")
    with (tmp_path / "obs.csv").open("a") as file:
        file.write("\n")
    assert "changed since" in refused("fit", "obs.csv", cwd=tmp_path)


def test_buckets_of_two_question_sets_are_told_apart(tmp_path: Path) -> None:
    header = "model,question_set,problem_id,correct,bucket\n"
    rows = [f"m,{name},p{i},1,{level}" for name in ("a", "b") for i, level in enumerate("xxy")]
    (tmp_path / "log.csv").write_text(header + "\n".join(rows) + "\n", "utf-8")
    both = done("measure", "log.csv", "--partition", "given", cwd=tmp_path).stdout
    assert "Questions: a: x 2, y 1; b: x 2, y 1." in " ".join(both.split())
    (tmp_path / "log.csv").write_text(header + "\n".join(rows[:3]) + "\n", "utf-8")
    alone = done("measure", "log.csv", "--partition", "given", cwd=tmp_path).stdout
    assert "Questions: x 2, y 1." in " ".join(alone.split())


def test_folders_measured_apart_and_merged_give_the_bytes_of_both_together(tmp_path: Path) -> None:
    rows = records(samples=8, scored=True)
    write(tmp_path / "one" / "a.jsonl", [r for r in rows if r["sample"] < 3])
    write(tmp_path / "two" / "b.jsonl", [r for r in rows if r["sample"] >= 3])
    write(tmp_path / "two" / "c.jsonl", records(model="n", seed=1))
    done("measure", "one", "two", "-o", "together.csv", cwd=tmp_path)
    for folder in ("one", "two"):
        saved = f"{folder}.counts.parquet"
        assert f"wrote {saved}" in done("measure", folder, "--counts", saved, cwd=tmp_path).stdout
    done("measure", "one.counts.parquet", "two.counts.parquet", "-o", "apart.csv", cwd=tmp_path)
    assert (tmp_path / "apart.csv").read_bytes() == (tmp_path / "together.csv").read_bytes()
    apart, together = (meta_of(tmp_path / f"{name}.csv") for name in ("apart", "together"))
    same = [key for key in together if key not in ("csv", "inputs")]
    assert {k: apart[k] for k in same} == {k: together[k] for k in same}


def broken_and_sound(broken: Path, sound: Path) -> dict[str, str | None]:
    """Writes logs with one thing wrong in each, and the same without it; where each is wrong."""
    rows = [{**r, "run_id": "r"} for r in records(40, 4)]
    lines = lines_of(rows)
    odd = {**rows[0], "problem_id": "odd"}
    counts = ["model,question_set,problem_id,n_total,n_correct", "c,counted,1,4,2",
              "c,counted,2,0,0", "c,counted,3,4,1"]  # fmt: skip
    renamed = {name: lines_of([{**r, "model": name, "run_id": name} for r in rows])
               for name in ("half", "grade", "mixed", "cut")}  # fmt: skip
    whole = gzip.compress("".join(renamed["cut"]).encode())
    torn = whole[: len(whole) * 2 // 3]
    readable = zlib.decompressobj(wbits=31).decompress(torn).decode()
    there = readable[: readable.rindex("\n") + 1].splitlines(keepends=True)
    assert 10 < len(there) < len(lines)
    grade = json.dumps({**odd, "model": "grade", "run_id": "grade", "correct": "maybe"}) + "\n"
    mixed = json.dumps({**odd, "model": "n", "run_id": "mixed"}) + "\n"
    files: dict[str, tuple[list[str], list[str]]] = {
        "half.jsonl": ([*renamed["half"], lines[0][:30]], renamed["half"]),
        "grade.jsonl": ([*renamed["grade"][:5], grade, *renamed["grade"][5:]], renamed["grade"]),
        "mixed.jsonl": ([*renamed["mixed"], mixed], renamed["mixed"]),
        "zero.csv": ([f"{line}\n" for line in counts], [f"{counts[i]}\n" for i in (0, 1, 3)]),
    }
    for folder in (broken, sound):
        folder.mkdir(parents=True)
    for name, (bad, good) in files.items():
        (broken / name).write_text("".join(bad), encoding="utf-8")
        (sound / name).write_text("".join(good), encoding="utf-8")
    (broken / "cut.jsonl.gz").write_bytes(torn)
    (sound / "cut.jsonl").write_text("".join(there), encoding="utf-8")
    last = len(lines) + 1
    return {"half.jsonl": f":{last}", "grade.jsonl": ":6", "mixed.jsonl": f":{last}",
            "zero.csv": ":3", "cut.jsonl.gz": None}  # fmt: skip


def test_broken_logs_are_refused_with_every_place_or_measured_without_what_is_broken(
    tmp_path: Path,
) -> None:
    places = broken_and_sound(tmp_path / "broken", tmp_path / "sound")
    said = refused("measure", "broken", "-o", "obs.csv", "--counts", "x.counts.parquet",
                   cwd=tmp_path)  # fmt: skip
    for name, place in places.items():
        assert f"broken/{name}{place or ''}" in said
    assert "--skip-bad" in said
    printed = done("measure", "broken", "--skip-bad", "-o", "obs.csv", cwd=tmp_path).stdout
    left = {left["where"].rpartition("/")[2].partition(":")[0]: left["rows"]
            for left in meta_of(tmp_path / "obs.csv")["left_out"]}  # fmt: skip
    assert left == {name: 1 if place else None for name, place in places.items()}
    for name, place in places.items():
        what = "1 row" if place else "the rest"
        assert f"left out: {what} of broken/{name}" in printed
    done("measure", "sound", "-o", "sound.csv", cwd=tmp_path)
    assert (tmp_path / "obs.csv").read_bytes() == (tmp_path / "sound.csv").read_bytes()


def test_only_the_n_asked_for_are_measured_and_beyond_the_samples_none(tmp_path: Path) -> None:
    write(tmp_path / "long.jsonl", records(samples=10))
    write(tmp_path / "short.jsonl", records(samples=4, model="short", seed=1))
    words = ("measure", "long.jsonl", "short.jsonl", "--at")
    shown = done(*words, "1,2,5,10", "--json", cwd=tmp_path)
    assert shown.stderr == ""
    found = json.loads(shown.stdout)
    measured = {(row["model"], row["n_samples"]) for row in found["observations"]}
    assert measured == {("m", n) for n in (1, 2, 5, 10)} | {("short", 1), ("short", 2)}
    assert {r["what"].split(",")[0] for r in found["not_measured"]} == {"n = 5", "n = 10"}
    assert "only 10 samples of problem p0" in refused(*words, "1,11", "-o", "x.csv", cwd=tmp_path)


def test_the_bytes_depend_on_logs_and_seed_alone(tmp_path: Path) -> None:
    rows = records(samples=9, scored=True)
    log = write(tmp_path / "a.jsonl", rows)
    words = ("measure", "a.jsonl", "--partition", "verifier", "--reference", "m",
             "--signal-samples", 3, "--seed", 5, "-o", "obs.csv")  # fmt: skip
    found = []
    for hash_seed, threads in (("0", "1"), ("4242", "2")):
        done(*words, cwd=tmp_path, PYTHONHASHSEED=hash_seed, OMP_NUM_THREADS=threads)
        found.append([(tmp_path / n).read_bytes() for n in ("obs.csv", "obs.meta.json")])
    assert found[0] == found[1]
    write(log, [rows[i] for i in np.random.default_rng(0).permutation(len(rows))])
    done(*words, cwd=tmp_path)
    assert (tmp_path / "obs.csv").read_bytes() == found[0][0]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("logs", "-o", "logs/a.jsonl"), "over one of the logs"),
        (("logs/*.jsonl", "-o", "logs/a.jsonl"), "over one of the logs"),
        (("logs", "-o", "logs/b.csv"), "over one of the logs"),
        (("logs/x.counts.parquet", "--counts", "logs/x.counts.parquet"), "over one of the logs"),
        (("logs", "--counts", "nowhere/x.counts.parquet"), "make the folder nowhere"),
        (("missing.jsonl", "-o", "nowhere/obs.csv"), "make the folder nowhere"),
    ],
)
def test_a_place_that_would_lose_a_log_or_is_not_there_is_refused_before_any_reading(
    words: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    write(tmp_path / "logs" / "a.jsonl", [])
    for name in ("b.meta.json", "x.counts.parquet"):
        (tmp_path / "logs" / name).write_text("this would be refused on reading")
    complaint = refused("measure", *words, cwd=tmp_path)
    assert "1 problem in the input" in complaint
    assert said in complaint
