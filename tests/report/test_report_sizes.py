"""Sizes that were not measured: asked for by command, told in terminal, JSON and page."""

from __future__ import annotations

import csv
import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sample_curves import planner, rows, write
from test_report_numbers import rows as cells_by_row
from test_report_numbers import section
from test_report_page import words

SIZES = (1, 3, 7, 14)


def chance(params_b: float, n: int) -> float:
    return 1 / (1 + math.exp(-(-1 + 0.4 * math.log(params_b) + 0.2 * math.log(n))))


def observations(folder: Path) -> Path:
    """Four sizes of one family on a known law, and one of another."""
    path = write(
        folder / "obs.csv",
        *(
            rows(f"m-{size}b", {n: chance(size, n) for n in (1, 4, 16)}, questions=100_000)
            for size in SIZES
        ),
        rows("other-7b", {1: 0.3, 4: 0.4}),
    )
    lines = path.read_text(encoding="utf-8").splitlines()
    sized = [f"{line},{re.split('[-b]', line.split(',')[0])[1]}" for line in lines[1:]]
    path.write_text("\n".join([f"{lines[0]},params_b", *sized]), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sizes")
    observations(path)
    return path


def fit(folder: Path, *words: str) -> Any:
    return planner("fit", folder / "obs.csv", "--draws", "50", *words)


def test_json_holds_the_regression_its_predictions_and_how_far_to_trust_them(folder: Path) -> None:
    done = fit(folder, "--size", "10B", "--size", "25B", "--at", "1,8", "--json")
    found = json.loads(done.stdout)
    assert found["schema"] == "planner.curves/1"
    (sizes,) = found["sizes"]
    assert [c["name"] for c in sizes["coefficients"]] == [
        "all", "ln params", "ln n", "ln params x ln n",
    ]  # fmt: skip
    assert [c["value"] for c in sizes["coefficients"]] == pytest.approx([-1, 0.4, 0.2, 0], abs=0.01)
    assert [m["params_b"] for m in sizes["models"]] == list(SIZES)
    assert {s["params_b"] for s in sizes["left_out"]} == set(SIZES)
    assert sizes["left_out_error"] < 0.01
    assert sizes["over_dispersion"] < 2
    for p in sizes["predictions"]:
        truth = chance(p["params_b"], p["n_samples"])
        assert p["accuracy"] == pytest.approx(truth, abs=0.01)
        assert p["low"] <= p["accuracy"] <= p["high"]
        assert p["extrapolated"] == (p["params_b"] > 14)
    assert [p["extrapolation_factor"] for p in sizes["predictions"]][-1] == pytest.approx(25 / 14)
    assert found["sizes_refused"][0]["where"].startswith("other")


def test_twice_beyond_the_sizes_is_refused_with_the_flag_that_allows_it(folder: Path) -> None:
    done = fit(folder, "--size", "70B")
    assert done.exit_code == 2
    assert "5.0 times beyond the sizes measured (1 to 14 billion)" in done.output
    assert "--extrapolate" in done.output
    allowed = fit(folder, "--size", "70B", "--extrapolate", "--at", "1")
    assert allowed.exit_code == 0
    assert re.search(r"70B +[\d.]+\*", allowed.output)


def test_the_terminal_says_what_the_numbers_are_worth(folder: Path) -> None:
    said = " ".join(fit(folder, "--size", "10B", "--at", "1,8").output.split())
    assert "Sizes told from m, majority_vote on Maths" in said
    assert f"10B {chance(10, 1) * 100:.1f}" in said
    assert "Leaving each size out and telling it from the others is off by 0." in said
    assert "Over-dispersion" in said
    assert "not clustered by question" in said
    assert "Not told: other, majority_vote on Maths: only 1 size was measured (7B)." in said


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--size", "13"), "not a model size (saw '13')"),
        (("--size", "0B"), "not a model size"),
        (("--size", "big", "--size", "-1B"), "2 problems"),
        (("--extrapolate",), "it goes with a --size"),
    ],
)
def test_what_is_no_size_is_refused_before_anything_is_fitted(
    folder: Path, words: tuple[str, ...], told: str
) -> None:
    done = fit(folder, *words)
    assert done.exit_code == 2
    assert told in done.output


def test_the_page_has_the_sizes_and_the_command_that_makes_them_again(folder: Path) -> None:
    curves = folder / "curves.json"
    assert fit(folder, "--size", "10B", "--at", "1,8", "-o", str(curves)).exit_code == 0
    assert planner("report", curves, "-o", folder / "page.html").exit_code == 0
    page = (folder / "page.html").read_text(encoding="utf-8")
    told = words(section(page, "sizes"))
    assert "Sizes told from m, majority_vote on Maths" in told
    shown = cells_by_row(section(page, "sizes"))["10B"]
    assert shown[1].startswith(f"{chance(10, 1) * 100:.1f} [")
    assert "Leaving each size out" in told
    assert "only 1 size was measured" in told
    assert "--size=10B" in words(section(page, "sources"))


def test_sizes_measured_together_from_logs_have_errors_clustered_by_question(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    hard = rng.normal(0, 1.5, 80)
    with (tmp_path / "log.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(
            ["model", "params_b", "question_set", "problem_id", "sample_index", "correct"]
        )
        for size in SIZES:
            p = 1 / (1 + np.exp(-(hard + 0.5 * math.log(size) - 1)))
            right = rng.random((80, 4)) < p[:, None]
            writer.writerows(
                [f"m-{size}b", size, "Maths", f"q{i}", j, int(right[i, j])]
                for i in range(80)
                for j in range(4)
            )
    monkeypatch.chdir(tmp_path)
    assert planner("measure", "log.csv", "-o", "obs.csv").exit_code == 0
    found = json.loads(fit(tmp_path, "--size", "10B", "--at", "1,4", "--json").stdout)
    coverage = next(s for s in found["sizes"] if s["method"] == "oracle_best_of_n")
    assert coverage["clustered"]
    (tmp_path / "obs.meta.json").unlink()
    bare = json.loads(fit(tmp_path, "--size", "10B", "--at", "1,4", "--json").stdout)
    assert not next(s for s in bare["sizes"] if s["method"] == "oracle_best_of_n")["clustered"]
