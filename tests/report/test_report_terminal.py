"""The terminal: readable at 80 columns, whole in a pipe, without colour where none is wanted."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from sample_answer import LARGE, SMALL, sample_answer, sample_plan

from planner.domain.plan import Frontier, PlanAnswer
from planner.report import terminal, terminal_cards, terminal_curves

FRONTIER = {
    "points": [
        {"budget_usd_per_day": 100, "accuracy": 0.2, "accuracy_low": 0.18, "accuracy_high": 0.22,
         "cost_usd_per_day": 72, "options": ["A @4", "B"]},
    ]
}  # fmt: skip
CURVE: dict[str, Any] = {
    "model": "m-7b", "method": "weighted_vote", "verifier": "prm", "question_set": "MATH-500",
    "bucket": "level 1-3", "temperature": 0.7, "family": "power_law", "weights": {"power_law": 1},
    "parameters": {}, "ceiling": 0.61, "saturates_at_n": 362.04, "peak_n": None,
    "status": "fitted", "status_sentence": "ok", "ceiling_low": 0.55, "ceiling_high": 0.7,
    "predictions": [
        {"n_samples": n, "accuracy": a, "low": a - 0.03, "high": a + 0.03, "extrapolated": n > 64,
         "extrapolation_factor": max(n / 64, 1), "gain_of_doubling": 0.02, "gain_low": -0.01,
         "gain_high": 0.05, "low_same": a - 0.011, "high_same": a + 0.011}
        for n, a in ((1, 0.28), (64, 0.56), (128, 0.58))
    ],
}  # fmt: skip
CARD = {
    "name": "h100-sxm", "title": "NVIDIA H100", "memory_byte": 80e9, "bf16_flop_per_s": 989.4e12,
    "bandwidth_byte_per_s": 3.35e12, "fp8_flop_per_s": None,
    "sources": [{"covers": ["memory_byte"], "title": "Datasheet", "url": "https://x.example",
                 "read": "2026-11-24"}],
}  # fmt: skip


def test_a_pipe_gets_every_label_whole_and_no_colour(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.print_answer(sample_answer())
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "…" not in said
    for label in (f"{SMALL} @4", f"{SMALL} @2", LARGE):
        assert label in said
    assert sample_answer().answer in said


def test_accuracy_is_shown_with_its_confidence(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.print_answer(sample_answer())
    said = capsys.readouterr().out
    assert "24.8 ± 3.2%" in said
    assert re.search(r"as accurate as .* 3\.9 +2\.0 to 8\.0 +100%", said)


def test_quiet_leaves_the_numbers_and_drops_the_notes(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.print_answer(sample_answer(), quiet=True)
    said = capsys.readouterr().out
    assert "$504" in said
    assert "!" not in said
    assert "Break-even" not in said


def test_plan_shows_allocation_fleet_baseline_and_proof(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.print_plan(sample_plan())
    said = capsys.readouterr().out
    assert re.search(r"all queries +.*@4 +62% +24\.9 ± 3\.2%", said)
    assert "Baseline: Llemma 34B greedy" in said
    assert "probability of 41%" in said
    assert "proven best" in said


def test_infeasible_plan_names_the_way_out(capsys: pytest.CaptureFixture[str]) -> None:
    plan = sample_plan().model_copy(
        update={"status": "infeasible", "accuracy": None, "allocation": (), "fleet": (),
                "relaxation": "raise the budget to $412 a day"}
    )  # fmt: skip
    terminal.print_plan(plan)
    assert "What would help: raise the budget to $412 a day" in capsys.readouterr().out


def test_frontier_shows_budget_and_what_is_spent(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.print_frontier(Frontier.model_validate(FRONTIER))
    assert re.search(r"\$100 +\$72\.00 +20\.0 ± 2\.0% +A @4, B", capsys.readouterr().out)


def test_curves_mark_what_lies_beyond_the_data(capsys: pytest.CaptureFixture[str]) -> None:
    terminal_curves.print_curves({"schema": "planner.curves/1", "curves": [CURVE]})
    said = capsys.readouterr().out
    assert re.search(r"28\.0 +56\.0 +58\.0 ×2\n", said)
    assert re.search(r"± 3\.0 +± 3\.0 +± 3\.0 *\n", said)
    assert "(± 1.1)" in said
    assert re.search(r"100% power law +61\.0 +362 +– +–", said)
    assert "55 to 70" in said
    assert "-1.0 to +5.0" in said


def test_a_fall_and_the_weights_of_families_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    fall = {"from_n": 4, "to_n": 16, "drop": 0.018, "questions": 9, "probability": 0.78,
            "proven": False}  # fmt: skip
    weights = {"power_law": 0.5, "imperfect_verifier": 0.3, "hill": 0.2, "constant": 0.0}
    curve = CURVE | {"fall": fall, "weights": weights, "status": "two_points", "peak_n": 4.0}
    terminal_curves.print_curves({"schema": "planner.curves/1", "curves": [curve]})
    said = capsys.readouterr().out
    assert re.search(r"50% power law .*4 +78%\n", said)
    assert "n 4 to 16" in said
    assert "not proven" in said
    assert "two points only" in said
    assert "30% imperfect" in said
    assert "20% hill" in said
    assert "constant" not in said


def test_a_hundred_columns_hold_the_curves_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    many = [{**CURVE["predictions"][0], "n_samples": 2**i} for i in range(14)]
    curves = [CURVE, CURVE | {"predictions": many, "model": "a-model-of-a-very-long-name-" * 4}]
    terminal_curves.print_curves({"schema": "planner.curves/1", "curves": curves})
    said = capsys.readouterr().out
    assert max(map(len, said.splitlines())) <= 100
    assert "n = 8,192" in said
    assert "…" not in said


def test_quiet_curves_are_numbers_alone(capsys: pytest.CaptureFixture[str]) -> None:
    terminal_curves.print_curves({"schema": "planner.curves/1", "curves": [CURVE]}, quiet=True)
    said = capsys.readouterr().out
    assert "56.0" in said
    assert "half of the 90% interval" not in said


def test_one_card_shows_every_field_with_its_source(capsys: pytest.CaptureFixture[str]) -> None:
    shown = {"schema": "planner.cards/1", "kind": "accelerators", "cards": [CARD]}
    terminal_cards.print_cards(shown)
    said = capsys.readouterr().out
    assert re.search(r"memory_byte +80B +Datasheet +2026-11-24", said)
    assert "https://x.example" in said


def test_a_list_of_cards_is_in_units_people_use(capsys: pytest.CaptureFixture[str]) -> None:
    shown = {"schema": "planner.cards/1", "kind": "accelerators", "cards": [CARD, CARD]}
    terminal_cards.print_cards(shown)
    assert re.search(r"h100-sxm +NVIDIA H100 +989\.4 +80 +3\.35", capsys.readouterr().out)


def test_a_label_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.print_answer(sample_answer(answer="a\x1b[2Jb [red]c[/red] \x07"))
    said = capsys.readouterr().out
    assert "\x1b" not in said
    assert "\x07" not in said
    assert "[red]c[/red]" in said


def test_eighty_columns_hold_every_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("planner.report.console.WIDE", 80)
    terminal.print_answer(sample_answer())
    terminal.print_plan(sample_plan())
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert not [line for line in lines if "…" in line]


def test_no_color_is_respected_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    import io

    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    for name, value, coloured in (("NO_COLOR", "1", False), ("TERM", "xterm-256color", True)):
        screen = Screen()
        with monkeypatch.context() as patched:
            patched.delenv("NO_COLOR", raising=False)
            patched.setenv("TERM", "xterm-256color")
            patched.setenv("COLUMNS", "80")
            patched.setenv(name, value)
            patched.setattr("sys.stdout", screen)
            terminal.print_answer(sample_answer())
        assert ("\x1b[33m" in screen.getvalue()) is coloured


def test_the_terminal_needs_no_charts(tmp_path: Path) -> None:
    import subprocess
    import sys

    program = (
        "import sys; import planner.report.terminal;"
        "print([m for m in ('altair', 'vl_convert', 'pandas', 'rich') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert done.stdout.strip() == "[]"


def test_warnings_of_curves_are_told_and_those_of_one_kind_are_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    curves = [
        CURVE | {"notes": [{"code": "fall_unproven", "message": f"m{i} falls"}]} for i in range(5)
    ]
    terminal_curves.print_curves({"schema": "planner.curves/1", "curves": curves})
    said = capsys.readouterr().out
    assert "! m2 falls" in said
    assert "m3 falls" not in said
    assert "! 2 more of this kind" in said


def test_a_plan_that_cannot_be_says_so_once_among_its_points(
    capsys: pytest.CaptureFixture[str],
) -> None:
    status = "No plan meets every requirement."
    plan = PlanAnswer(status="infeasible", status_sentence=status, objective="accuracy")
    terminal.print_plan(plan)
    (line,) = [row for row in capsys.readouterr().out.splitlines() if row.startswith("* Status")]
    assert line == "* Status: no plan meets every requirement."


@pytest.mark.parametrize(
    ("value", "text"),
    [(131_072, "131,072"), (16_384.0, "16,384"), (1.9789e15, "1,978.9T"), (989.4e12, "989.4T"),
     (33.744, "33.744"), (0, "0"), (True, "yes")],
)  # fmt: skip
def test_numbers_of_a_card_are_written_alike(
    value: float, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    terminal_cards.print_cards({"cards": [{"title": "T", "name": "n", "context": value}]})
    assert f" {text} " in capsys.readouterr().out
