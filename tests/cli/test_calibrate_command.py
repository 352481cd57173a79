"""`planner calibrate` and profiles by the command: printed, written, used, refused."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from planner.cli import app
from planner.cost.hardware import hardware_of
from planner.cost.seconds import decode_step_s, prefill_s
from planner.cost.shape import Shape
from planner.ingest.cards import load_cards

QUESTION = "7B+PRM or 34B greedy at 1M queries/day"


def planner(*words: object, cwd: Path) -> Result:
    """The command in this process: starting one for each would take most of the time."""
    with contextlib.chdir(cwd):
        return CliRunner().invoke(app, list(map(str, words)))


def done(*words: object, cwd: Path) -> Result:
    found = planner(*words, cwd=cwd)
    assert found.exit_code == 0, found.stderr
    return found


def refused(*words: object, cwd: Path) -> str:
    found = planner(*words, cwd=cwd)
    assert found.exit_code == 2, found.stdout + found.stderr
    assert found.stdout == ""
    assert "Traceback" not in found.stderr
    return found.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Steps of two models on an H200 whose kernels are half as fast as the shipped profile says."""
    folder = tmp_path_factory.mktemp("calibrate")
    book = load_cards()
    gpu, _ = hardware_of(book.accelerator("h200-sxm"))
    lines = ["device,model,phase,batch,prompt_or_context_tokens,seconds_median,peak_memory_bytes"]
    for name in ("qwen2.5-0.5b", "llama-3-8b"):
        shape = Shape.from_card(book.shape_of(book.model(name)))
        for batch in (1, 4, 16, 64, 256):
            for tokens in (256, 1024, 4096):
                step = float(decode_step_s(shape, gpu, batch, tokens))
                read = float(prefill_s(shape, gpu, batch * tokens, tokens))
                lines.append(f"NVIDIA-H200,{name},decode,{batch},{tokens},{2 * step},20e9")
                lines.append(f"NVIDIA-H200,{name},prefill,{batch},{tokens},{2 * read},")
    (folder / "mine.csv").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture(scope="module")
def profile(folder: Path) -> Path:
    said = done("calibrate", "mine.csv", "-o", "profile.toml", cwd=folder)
    assert "wrote profile.toml" in said.stdout
    assert "decode_layer_s" in said.stdout
    return folder / "profile.toml"


def checked(folder: Path, *more: str) -> dict[str, Any]:
    said = done("calibrate", "mine.csv", "--check", "--json", *more, cwd=folder)
    found: dict[str, Any] = json.loads(said.stdout)
    return found


def test_a_check_fits_or_lacks_what_was_promised(folder: Path) -> None:
    found = checked(folder)
    assert found["schema"] == "planner.calibration/1"
    assert found["rows"] == 60
    for phase in ("decode", "prefill"):
        assert set(found[phase]) == {"rows", "median", "p90", "max"}
        assert found[phase]["median"] == pytest.approx(0.5, abs=1e-6)
    assert set(found["memory"]) == {"rows", "median", "p90", "max_gb"}
    assert set(found["by_model"]) == {"qwen2.5-0.5b", "llama-3-8b"}
    group = found["by_group"]["bf16/1/decode"]
    assert {"weight_dtype", "tensor_parallel", "phase", "median"} <= set(group)
    assert found["fitted"] is False
    assert found["constants"] == []
    assert sorted(path.name for path in folder.iterdir() if path.suffix == ".csv") == ["mine.csv"]


def test_a_profile_that_was_fitted_is_far_from_its_measurements(
    folder: Path, profile: Path
) -> None:
    found = checked(folder, "--profile", profile.name)
    assert found["decode"]["max"] < 0.03
    assert found["prefill"]["max"] < 0.03


def test_a_profile_differs_from_one_made_again(folder: Path, profile: Path) -> None:
    done("calibrate", "mine.csv", "-o", "profile.toml", cwd=folder)
    first = profile.read_bytes()
    done("calibrate", "mine.csv", "-o", "profile.toml", cwd=folder)
    assert profile.read_bytes() == first


def test_a_profile_changes_no_price(folder: Path, profile: Path) -> None:
    words = ("price", "llama-3-8b", "--json")
    usual = json.loads(done(*words, "--accelerator", "h200", cwd=folder).stdout)
    slow = json.loads(done(*words, "--profile", profile.name, cwd=folder).stdout)
    assert slow["fleet"]["accelerator"] == "h200-sxm"
    assert slow["gpu_s_per_query"] > 1.5 * usual["gpu_s_per_query"]


def test_a_profile_among_the_users_cards_is_not_the_accelerator(
    tmp_path: Path, profile: Path
) -> None:
    own = tmp_path / "models" / "accelerators"
    own.mkdir(parents=True)
    (own / "mine.toml").write_bytes(profile.read_bytes())
    shown = json.loads(done("cards", "accelerators", "H200", "--json", cwd=tmp_path).stdout)
    assert shown["cards"][0]["origin"] == "models/accelerators/mine.toml"
    elsewhere = json.loads(
        done(
            "cards", "h200-sxm", "--json", "--models", tmp_path / "models", cwd=profile.parent
        ).stdout
    )
    assert elsewhere["cards"][0]["origin"].endswith("mine.toml")


def test_a_bad_card_is_used(tmp_path: Path, profile: Path) -> None:
    own = tmp_path / "models" / "accelerators"
    own.mkdir(parents=True)
    lines = [
        "decode_kv = 1.3" if line.startswith("decode_kv") else line
        for line in profile.read_text("utf-8").splitlines()
    ]
    (own / "mine.toml").write_text("\n".join(lines), encoding="utf-8")
    said = refused("cards", "accelerators", "H200", cwd=tmp_path)
    assert "models/accelerators/mine.toml: column efficiency.decode_kv" in said
    assert "write a number up to 1" in said
    assert "decode_kv" in refused("ask", QUESTION, cwd=tmp_path)
    assert "decode_kv" in refused(
        "ask", QUESTION, "--profile", own / "mine.toml", cwd=profile.parent
    )


def test_a_card_is_shown_without_its_efficiencies_or_their_source(tmp_path: Path) -> None:
    shown = done("cards", "accelerators", "h200-sxm", cwd=tmp_path).stdout
    assert "efficiency.decode_weights" in shown
    assert "0.866" in shown
    assert "efficiency_fp8_tensor.decode_flop" in shown
    assert "2026-11-22" in shown
    assert "measured for this project" in shown
    llama = done("cards", "llms", "LLaMA2-7B", cwd=tmp_path).stdout
    assert "llama-2-7b" in llama
    assert "bundled" in llama


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("calibrate", "mine.csv", "--check", "-o", "p.toml"), "a check writes no profile"),
        (("calibrate", "mine.csv", "--profile", "h100-sxm"), "no measured efficiency"),
        (("calibrate", "mine.csv", "--profile", "none.toml"), "no such file"),
        (("calibrate", "mine.csv", "--profile", "h20"), "no accelerator has this name"),
        (("calibrate", "none.csv"), "no such file"),
        (("calibrate", "mine.csv", "--weights", "fp3"), "no such weight format"),
        (("cards", "llms", "llama-2-7bb"), "did you mean llama-2-7b"),
        (("cards", "llm", "llama-2-7b"), "did you mean llms"),
        (("cards", "prices", "nobody"), "no price card has this name"),
        (("ask", QUESTION, "--weights", "fp3"), "no such weight format"),
    ],
)
def test_wrong_words_are_taken(folder: Path, words: tuple[str, ...], what: str) -> None:
    assert what in refused(*words, cwd=folder)


def test_an_answer_leaves_out_the_profile_or_the_weights(folder: Path) -> None:
    words = ("--json", "--draws", "20", "--weights", "fp8", "--profile", "h200-sxm")
    fp8 = json.loads(done("ask", QUESTION, *words, cwd=folder).stdout)
    assert {o["accelerator"] for o in fp8["options"]} == {"h200-sxm"}
    assert all(o["eflop_per_query"] > o["flop_per_query"] for o in fp8["options"])
    assert {"weights_changed", "fp8_scales"} <= {w["code"] for w in fp8["warnings"]}
    assert any(a["value"] == "fp8-tensor" for a in fp8["assumptions"])


def test_weights_of_a_candidate_are_not_those_of_the_scenario(tmp_path: Path) -> None:
    done("init", "plan", cwd=tmp_path)
    scenario = tmp_path / "plan" / "scenario.toml"
    lines = scenario.read_text("utf-8").splitlines()
    models = [i for i, line in enumerate(lines) if line.startswith("model = ")]
    lines.insert(models[0] + 1, 'weights = "fp8"')
    scenario.write_text("\n".join(lines), encoding="utf-8")
    plan = json.loads(done("solve", scenario, "--json", "--draws", "20", cwd=tmp_path).stdout)
    stored = {a["name"]: a["value"] for a in plan["assumptions"] if a["name"].startswith("weights")}
    assert list(stored.values()) == ["fp8-tensor"]
    lines[models[0] + 1] = 'weights = "fp3"'
    scenario.write_text("\n".join(lines), encoding="utf-8")
    said = refused("solve", scenario, cwd=tmp_path)
    assert "no such weight format" in said
    assert "candidates[0].weights" in said


@pytest.mark.realdata
def test_measurements_of_this_project_need_more_than_their_path(
    shared_data: Path, tmp_path: Path
) -> None:
    path = shared_data / "h200" / "measured_h200.csv"
    found = json.loads(done("calibrate", path, "--check", "--json", cwd=tmp_path).stdout)
    assert found["rows"] == 261
    assert found["decode"]["median"] <= 0.025
    assert "prm-llama2-7b" in found["by_model"]
    more = shared_data / "h200" / "measured_moe_fp8_tp.csv"
    assert "--shapes" in refused("calibrate", more, "--check", cwd=tmp_path)
