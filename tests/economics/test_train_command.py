"""`planner train`: what it prints, as JSON and as text, and what it refuses."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import planner
from planner.cli import app
from planner.curves.training_loss import LossLaw
from planner.domain.training import TrainingAnswer
from planner.errors import InfeasibleError, InputError

LAW = LossLaw(1.69, 406.4, 410.7, 0.336, 0.283)


def run(*words: object, code: int = 0) -> str:
    found = CliRunner().invoke(app, ["train", *map(str, words)])
    assert found.exit_code == code, found.output
    return found.stderr if code else found.stdout


def told(*words: object) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(run(*words, "--json"))
    return value


def table(path: Path, header: str, rows: list[tuple[object, ...]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header.split(","))
        writer.writerows(rows)
    return path


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = np.random.default_rng(0)
    params, tokens = 10 ** rng.uniform(7.5, 10.5, 60), 10 ** rng.uniform(9.0, 11.5, 60)
    loss = LAW.loss(params, tokens) * np.exp(0.002 * rng.standard_normal(60))
    rows = [
        (f"{n / 1e6:.6f}M", f"{d:.6e} tokens", f"{x:.8f}")
        for n, d, x in zip(params, tokens, loss, strict=True)
    ]
    return table(tmp_path_factory.mktemp("runs") / "runs.csv", "params,train_tokens,loss", rows)


def scored(path: Path, models: int = 6, *, by_loss: bool = True) -> Path:
    rows = []
    for i in range(models):
        n, d = 10 ** (8.5 + 0.4 * i), 10 ** (10.5 + 0.3 * i)
        loss = float(LAW.loss(np.asarray(n), np.asarray(d)))
        for bucket, shift, questions in (("easy", 0.0, 300), ("hard", -1.5, 100)):
            accuracy = 1 / (1 + np.exp(-(7.0 + shift - 3.0 * loss)))
            where = (loss,) if by_loss else (f"{n / 1e9:.9f}B", d)
            rows.append((f"m{i}", bucket, f"{accuracy:.6f}", questions, *where))
    columns = "loss" if by_loss else "params,train_tokens"
    return table(path, f"model,bucket,accuracy,n_questions,{columns}", rows)


def test_the_published_example_by_its_command() -> None:
    found = told("--law", "sardana", "--quality-of", "30B", "--inference-tokens", "1e13")
    assert found["schema"] == "planner.training/1"
    assert found["params"] == pytest.approx(13.6e9, abs=0.1e9)
    assert found["saving"] == pytest.approx(0.28, abs=0.005)
    assert found["loss"] == pytest.approx(1.958, abs=0.001)
    assert found["flop_chinchilla"] - found["flop"] == pytest.approx(found["flop_saved"])
    assert found["flop_training"] == pytest.approx(6 * found["params"] * found["train_tokens"])
    assert found["flop_training"] + found["flop_inference"] == pytest.approx(found["flop"])
    assert found["params_chinchilla"] == pytest.approx(30e9)
    assert found["params_low"] is None
    assert "taken as exact" in found["interval_reason"]
    assert found["dollars"] is found["exchange"] is None


@pytest.mark.parametrize(("law", "params"), [("hoffmann", 15.9e9), ("besiroglu", 11.6e9)])
def test_every_published_law_answers(law: str, params: float) -> None:
    found = told("--law", law, "--quality-of", "30B", "--inference-tokens", "10T tokens")
    assert found["params"] == pytest.approx(params, abs=0.1e9)
    assert {w["code"] for w in found["warnings"]} >= {"overtrained"}


def test_the_answer_is_read_back_by_its_type_and_written_to_a_file(tmp_path: Path) -> None:
    words = ("--quality-of", "7B", "--inference-tokens", "1e12", "--dollars", "--larger", "14")
    output = run(*words, "--json", "-o", tmp_path / "training.json")
    saved = (tmp_path / "training.json").read_text(encoding="utf-8")
    assert json.loads(saved) == json.loads(output)
    found = TrainingAnswer.model_validate_json(saved)
    assert found.dollars is not None
    assert found.dollars.params < found.params
    assert found.dollars.usd < found.dollars.usd_of_flop_optimum
    assert found.dollars.usd_chinchilla is not None
    assert found.dollars.usd_low is not None
    assert found.dollars.usd_low < found.dollars.usd < found.dollars.usd_chinchilla
    assert found.dollars.usd_training + found.dollars.usd_inference == pytest.approx(
        found.dollars.usd, rel=1e-8
    )


def test_a_term_of_dollars_asks_for_dollars() -> None:
    found = told("--quality-of", "7B", "--inference-tokens", "1e12", "--decode-mfu", "5%")
    assert found["dollars"]["usd"] > 0


def test_the_exchange_rate_counts_the_tokens_of_the_optimum() -> None:
    words = ("--quality-of", "7B", "--inference-tokens", "1e12", "--larger", "14")
    one = told(*words)
    ratio = 1e12 / one["train_tokens"]
    assert one["exchange"]["inference_to_training"] == pytest.approx(ratio)
    assert one["exchange"]["compute_multiple"] == pytest.approx(14 + 3 * 13 / ratio)
    two = told(*words, "--verifier-factor", "2")["exchange"]
    assert two["compute_multiple"] == pytest.approx(14 + 1.5 * 13 / ratio)
    none = told("--quality-of", "7B", "--inference-tokens", "0", "--larger", "14")
    assert none["exchange"]["compute_multiple"] is None
    assert none["saving"] == pytest.approx(0, abs=1e-9)
    assert none["params"] == pytest.approx(7e9)


def test_a_law_fitted_from_a_table_carries_its_uncertainty_to_the_optimum(runs: Path) -> None:
    words = ("--law", runs, "--quality-of", "3B", "--inference-tokens", "1e12", "--draws", "100")
    found = told(*words)
    truth = told("--law", "sardana", "--quality-of", "3B", "--inference-tokens", "1e12")
    assert found["params_low"] < found["params"] < found["params_high"]
    assert found["params_low"] < truth["params"] < found["params_high"]
    assert found["saving_low"] < truth["saving"] < found["saving_high"]
    assert found["interval_reason"] is None
    assert found["law"]["runs"] == 60
    assert found["law"]["fit_error"] < 0.01
    assert told(*words) == found
    assert told(*words, "--seed", "1")["params_low"] != found["params_low"]
    fewer = told(*words, "--drop-highest", "5")["law"]
    assert (fewer["runs"], fewer["runs_left_out"]) == (55, 5)


def test_an_optimum_outside_of_the_runs_is_called_extrapolated(runs: Path) -> None:
    words = ("--law", runs, "--quality-of", "300B", "--inference-tokens", "1e14", "--draws", "20")
    codes = {w["code"] for w in told(*words)["warnings"]}
    assert "extrapolated" in codes


@pytest.mark.parametrize("suffix", [".toml", ".json"])
def test_coefficients_are_read_from_a_file(tmp_path: Path, suffix: str) -> None:
    values = {"E": 1.69, "A": 406.4, "B": 410.7, "alpha": 0.336, "beta": 0.283}
    path = tmp_path / f"law{suffix}"
    lines = "\n".join(f"{name} = {value}" for name, value in values.items())
    path.write_text(lines if suffix == ".toml" else json.dumps(values))
    words = ("--quality-of", "30B", "--inference-tokens", "1e13")
    found = told("--law", path, *words)
    assert found["params"] == told("--law", "sardana", *words)["params"]


def test_with_a_term_for_samples_their_number_is_chosen_too(tmp_path: Path) -> None:
    path = tmp_path / "law.toml"
    path.write_text("E=1.5\nA=400\nB=400\nalpha=0.34\nbeta=0.3\nG=0.5\ngamma=0.4\n")
    found = told("--law", path, "--quality-of", "3B", "--inference-tokens", "1e11")
    assert found["n_samples"] > 1
    inferred = 2 * found["params"] * found["n_samples"] * 1e11
    assert found["flop_inference"] == pytest.approx(inferred)
    only = told("--law", path, "--loss", "1.9", "--inference-tokens", "1e11")
    assert only["flop_chinchilla"] is only["saving"] is None
    assert "one sample of no model reaches it" in run(
        "--law", path, "--loss", "1.9", "--inference-tokens", "1e11"
    )


def test_two_budgets_give_the_best_model_and_samples(tmp_path: Path) -> None:
    path = tmp_path / "law.toml"
    path.write_text(
        "E=1.5\nA=400\nB=400\nalpha=0.34\nbeta=0.3\ncoverage=[2.3, 6.0, 0.9, 1.5, -0.5]\n"
    )
    words = ("--law", path, "--train-budget", "1e22", "--token-budget", "140 GFLOP")
    found = told(*words, "--inference-tokens", "1e12")
    assert found["coverage"] > found["coverage_chinchilla"]
    assert found["flop_training"] == pytest.approx(1e22)
    assert 2 * found["params"] * found["n_samples"] <= 140e9 * (1 + 1e-9)
    assert "At least one sample is right on" in run(*words, "--inference-tokens", "1e12")


@pytest.mark.parametrize("by_loss", [True, False])
def test_an_accuracy_is_required_by_the_users_own_models(tmp_path: Path, by_loss: bool) -> None:
    link = scored(tmp_path / "link.csv", by_loss=by_loss)
    words = ("--law", "sardana", "--link", link, "--inference-tokens", "1e12", "--accuracy")
    mixed = told(*words, "0.6")
    assert mixed["interval_reason"] is None
    assert mixed["params_low"] < mixed["params"] < mixed["params_high"]
    easy, hard = mixed["links"]
    assert (easy["share"], hard["share"]) == (0.75, 0.25)
    assert 0.75 * easy["accuracy"] + 0.25 * hard["accuracy"] == pytest.approx(0.6, abs=1e-6)
    assert easy["error"] < 0.01
    # 7 - 3 L = logit(.6)
    alone = told(*words, "60%", "--bucket", "easy")
    assert alone["loss"] == pytest.approx((7.0 - np.log(0.6 / 0.4)) / 3.0, abs=2e-3)
    assert told(*words, "0.7")["params"] > mixed["params"]


def test_fewer_than_four_models_are_refused_with_the_reason(tmp_path: Path) -> None:
    link = scored(tmp_path / "link.csv", models=3)
    said = run("--accuracy", "0.5", "--link", link, "--inference-tokens", "1e12", code=2)
    assert said.count("3 models are too few") == 2
    assert "easy" in said
    assert "hard" in said


def test_a_loss_under_the_floor_is_infeasible_and_says_so() -> None:
    said = run("--law", "sardana", "--loss", "1.6", "--inference-tokens", "1e12", code=1)
    assert "stays above 1.69" in said


def test_an_accuracy_out_of_reach_names_the_loss_that_it_takes(tmp_path: Path) -> None:
    link = scored(tmp_path / "link.csv")
    with pytest.raises(InfeasibleError, match="which is a loss of"):
        planner.train(law="sardana", accuracy=0.99, link=link, inference_tokens=1e12)


def test_all_that_is_wrong_is_told_at_once() -> None:
    words = ("--law", "besirogl", "--quality-of", "30", "--loss", "x", "--inference-tokens", "many")
    said = run(*words, "--verifier-factor", "2", "--decode-mfu", "3", "--bucket", "b", code=2)
    for part in (
        "--inference-tokens: 'many'",
        "say in one way what is wanted",
        "--quality-of: '30'",
        "--loss: 'x'",
        "did you mean besiroglu?",
        "--verifier-factor: nothing would use it",
        "--decode-mfu: '3'",
        "--bucket: nothing would use it",
    ):
        assert part in said, part


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("1B", "20B", "2.5")] * 4, "five coefficients need more than 4 runs"),
        ([("1B", "20B", "2.5"), ("2", "x", "-1")], "it lacks B"),
        ([(f"{i}B", f"{20 * i}B", 2.0 + 0.1 * i) for i in range(1, 9)], "does not fall with"),
    ],
)
def test_a_table_that_tells_of_no_law_is_refused(
    tmp_path: Path, rows: list[tuple[object, ...]], said: str
) -> None:
    path = table(tmp_path / "runs.csv", "params,train_tokens,loss", rows)
    words = ("--law", path, "--quality-of", "1B", "--inference-tokens", "1e12", "--draws", "20")
    assert said in run(*words, code=2)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("E = 1.69", "this key is missing"),
        ("E=1\nA=1\nB=1\nalpha=1\nbeta=-1", "greater than or equal to 0.02"),
        ("E=1\nA=1\nB=1\nalpha=1\nbeta=1\nG=1", "G and gamma come together"),
        ("E=1\nA=1\nB=1\nalpha=1\nbeta=1\nnu=1", "there is no such key"),
    ],
)
def test_a_file_of_coefficients_is_refused_with_its_reason(
    tmp_path: Path, text: str, said: str
) -> None:
    path = tmp_path / "law.toml"
    path.write_text(text)
    assert said in run("--law", path, "--quality-of", "1B", "--inference-tokens", "1e12", code=2)


def test_a_table_of_scores_is_refused_with_every_problem(tmp_path: Path) -> None:
    header = "model,bucket,accuracy,n_questions,loss"
    rows = [
        ("a", "easy", "0.4", 100, 2.5),
        ("a", "easy", "0.4", 100, 2.6),
        ("b", "easy", "40", 100, 2.4),
        ("", "easy", "0.4", 0, 2.3),
    ]
    link = table(tmp_path / "link.csv", header, rows)
    said = run("--accuracy", "0.5", "--link", link, "--inference-tokens", "1e12", code=2)
    for part in (
        "another loss, size or number of tokens on line 2",
        "stands on line 2 already",
        "it is more than 1",
        "a name is missing",
        "it must be above 0",
    ):
        assert part in said, part
    bare = table(tmp_path / "bare.csv", "model,bucket,accuracy,n_questions", [("a", "x", 0.5, 9)])
    with pytest.raises(InputError, match="nothing tells the loss of a model"):
        planner.train(accuracy=0.5, link=bare, inference_tokens=1e12)


def test_the_text_says_what_to_train_and_on_what_grounds() -> None:
    words = ("--law", "sardana", "--quality-of", "30B", "--inference-tokens", "1e13")
    said = run(*words, "--dollars", "--larger", "14")
    assert said.startswith(
        "For the quality of a Chinchilla-optimal 30B and 10T tokens of inference: train 13.6B"
        " parameters on 4.43T tokens. Over its life it takes 28% fewer FLOPs"
    )
    assert "Loss = 1.69 + 406.4 / N^0.336 + 410.7 / D^0.283" in said
    assert "decode MFU: 0.03 (0.01 to 0.08) share" in said
    assert "14 times larger" in said
    quiet = run(*words, "--quiet")
    assert "Loss =" not in quiet


@pytest.mark.realdata
def test_the_chinchilla_runs_give_the_published_refit_by_command(
    shared_data: Path, tmp_path: Path
) -> None:
    """V9 from a table to the optimum; with all 245 runs B and beta leap (negative control)."""
    with (shared_data / "chinchilla" / "chinchilla_loss.csv").open(encoding="utf-8") as file:
        rows = [
            (row["params"], float(row["train_flop"]) / 6 / float(row["params"]), row["value"])
            for row in csv.DictReader(file)
        ]
    path = table(tmp_path / "runs.csv", "params,train_tokens,loss", list(rows))
    words = ("--law", path, "--quality-of", "30B", "--inference-tokens", "1e13", "--draws", "100")
    found = told(*words, "--drop-highest", "5")
    law = found["law"]
    assert law["E"] == pytest.approx(1.8172, abs=0.003)
    assert law["A"] == pytest.approx(477.8, rel=0.02)
    assert law["B"] == pytest.approx(2143, rel=0.04)
    assert law["alpha"] == pytest.approx(0.3473, abs=0.002)
    assert law["beta"] == pytest.approx(0.3672, abs=0.003)
    published = told("--quality-of", "30B", "--inference-tokens", "1e13")
    assert found["params"] == pytest.approx(published["params"], rel=0.01)
    assert found["params_low"] < published["params"] < found["params_high"]
    assert told(*words)["law"]["B"] == pytest.approx(12_846, rel=0.01)


def test_eighty_columns_break_no_word_of_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("planner.report.console.WIDE", 80)
    said = run("--quality-of", "30B", "--inference-tokens", "1e13", "--dollars").splitlines()
    assert max(map(len, said)) <= 80
    rule = next(i for i, line in enumerate(said) if line.startswith("────"))
    heading = " ".join(said[rule - 2 : rule]).split()
    assert {"Training", "Parameters", "parameter", "FLOPs", "life"} <= set(heading)
    assert said[rule + 1].startswith("fewest FLOPs ")
