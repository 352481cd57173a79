"""What the readers of a page are supposed to have already."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import product
from pathlib import Path

from pages import PROJECT, planner

LITELLM = {
    "gpt-4o-mini": {
        "litellm_provider": "openai",
        "mode": "chat",
        "input_cost_per_token": 1.5e-07,
        "output_cost_per_token": 6e-07,
    }
}


def a_folder_of_logs(folder: Path) -> None:
    """Records of 8 problems, 4 samples each."""
    (folder / "logs").mkdir()
    records = [
        {"model": "m", "problem_id": p, "sample": s, "answer": str((p * s) % 3),
         "correct": (p * s) % 3 == 0, "level": "easy" if p % 2 else "hard"}
        for p in range(8)
        for s in range(4)
    ]  # fmt: skip
    text = "\n".join(map(json.dumps, records))
    (folder / "logs" / "run.jsonl").write_text(text, encoding="utf-8")


def observations_of_five_sizes(folder: Path) -> None:
    """Coverage of Pythia, 70M to 12B, at three n."""
    published = PROJECT / "fixtures" / "brown2024_pythia_math_coverage.csv"
    head, *rows = published.read_text(encoding="utf-8").splitlines()
    place = head.split(",").index("n_samples")
    kept = [row for row in rows if row.split(",")[place] in ("1", "10", "100")]
    assert len(kept) > 8
    (folder / "obs.csv").write_text("\n".join([head, *kept]) + "\n", encoding="utf-8")


def a_list_of_prices(folder: Path) -> None:
    """LiteLLM's file, of one model."""
    (folder / "litellm.json").write_text(json.dumps(LITELLM), encoding="utf-8")


def steps_measured(folder: Path) -> None:
    """Step times on an H200 whose kernels are twice as slow as those of the shipped profile."""
    from planner.cost.hardware import hardware_of
    from planner.cost.seconds import decode_step_s, prefill_s
    from planner.cost.shape import Shape
    from planner.ingest.cards import load_cards

    book = load_cards()
    gpu, _ = hardware_of(book.accelerator("h200-sxm"))
    lines = ["device,model,phase,batch,prompt_or_context_tokens,seconds_median"]
    for name in ("qwen2.5-0.5b", "llama-3-8b"):
        shape = Shape.from_card(book.shape_of(book.model(name)))
        for batch, tokens in product((1, 4, 16, 64), (256, 1024, 4096)):
            step = float(decode_step_s(shape, gpu, batch, tokens))
            read = float(prefill_s(shape, gpu, batch * tokens, tokens))
            lines.append(f"NVIDIA-H200,{name},decode,{batch},{tokens},{2 * step}")
            lines.append(f"NVIDIA-H200,{name},prefill,{batch},{tokens},{2 * read}")
    for file in ("MEASURED.csv", "OTHER.csv"):
        (folder / file).write_text("\n".join(lines) + "\n", encoding="utf-8")


def runs_and_scores(folder: Path) -> None:
    """Training runs on a law of the loss, scored models along it, and a law with samples."""
    grid = list(product((1e8, 3e8, 1e9, 3e9), (2e9, 1e10, 5e10, 2e11)))
    losses = [1.8 + 480 / n**0.35 + 2100 / d**0.37 for n, d in grid]
    rows = [f"{n},{d},{loss}" for (n, d), loss in zip(grid, losses, strict=True)]
    runs = "\n".join(["params,train_tokens,loss", *rows]) + "\n"
    (folder / "runs.csv").write_text(runs, encoding="utf-8")
    scored = [f"m{i},all,{0.9 - 0.25 * (loss - 1.8)},500,{loss}" for i, loss in enumerate(losses)]
    scores = "\n".join(["model,bucket,accuracy,n_questions,loss", *scored[::2]]) + "\n"
    (folder / "scores.csv").write_text(scores, encoding="utf-8")
    law = "E = 1.2\nA = 480.0\nB = 2100.0\nalpha = 0.35\nbeta = 0.37\nG = 0.6\ngamma = 0.2\n"
    (folder / "law.toml").write_text(law, encoding="utf-8")


def a_scenario(folder: Path) -> None:
    """What `planner init` writes."""
    code, _, said = planner(["init", "."], folder)
    assert code == 0, said


GIVEN: dict[str, Callable[[Path], None]] = {
    "README.md": a_folder_of_logs,
    "docs/logs.md": a_folder_of_logs,
    "docs/cost.md": steps_measured,
    "docs/curves.md": observations_of_five_sizes,
    "docs/policy.md": a_scenario,
    "docs/train.md": runs_and_scores,
}
"""By the page's place in the project."""
