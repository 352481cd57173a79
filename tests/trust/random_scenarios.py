"""Random scenarios within reason, with the observations that they are about."""

from __future__ import annotations

import random
from pathlib import Path

BUCKETS = ("easy", "middle", "hard")
SIZES = {"a": 1.5, "b": 8.0, "c": 34.0, "d": 70.0}
ACCELERATORS = ("h100-sxm", "a100-80gb-sxm", "b200", "h200-sxm")
VOLUMES = ("200 queries/day", "5k/day", "40k queries/day", "1M queries/day", "120 qps")


def written(folder: Path, seed: int) -> Path:
    """A scenario and its CSV in a folder; the same for the same seed."""
    rng = random.Random(seed)
    models = rng.sample(sorted(SIZES), rng.randint(1, 3))
    buckets = rng.sample(BUCKETS, rng.randint(1, 3))
    (folder / "obs.csv").write_text(_observations(rng, models, buckets), encoding="utf-8")
    scenario = folder / "scenario.toml"
    scenario.write_text(_scenario(rng, models, buckets), encoding="utf-8")
    return scenario


def _observations(rng: random.Random, models: list[str], buckets: list[str]) -> str:
    rows = ["model,method,question_set,bucket,n_samples,accuracy,n_questions,params_b,source"]
    for model in models:
        for bucket in buckets:
            single = rng.uniform(0.02, 0.95)
            for method, counts in (("greedy", (1,)), ("majority_vote", (1, 4, 16, 64))):
                for n in counts:
                    gain = rng.uniform(0, 0.3) * (1 - 1 / n)
                    accuracy = min(single + (1 - single) * gain, 1.0)
                    cells = (model, method, "set", bucket, n, f"{accuracy:.3f}", 300)
                    rows.append(",".join(map(str, (*cells, SIZES[model], "made up"))))
    return "\n".join(rows) + "\n"


def _scenario(rng: random.Random, models: list[str], buckets: list[str]) -> str:
    lines = [
        "[data]",
        'observations = ["obs.csv"]',
        "[workload]",
        f'volume = "{rng.choice(VOLUMES)}"',
        f"prompt_tokens = {rng.choice([50, [100, 400], 8000])}",
        f"output_tokens = {rng.choice([20, [200, 500], 3000])}",
        f"peak_to_mean = {rng.choice([1.0, 2.0, 5.5])}",
    ]
    classes = rng.randint(1, 3)
    cuts = sorted(rng.randint(1, 99) for _ in range(classes - 1))
    for i, (low, high) in enumerate(zip([0, *cuts], [*cuts, 100], strict=True)):
        if low == high:
            continue
        weights = [rng.randint(1, 9) for _ in buckets]
        mix = [round(w / sum(weights), 3) for w in weights]
        mix[-1] = round(1 - sum(mix[:-1]), 3)
        told = ", ".join(f"{b} = {m}" for b, m in zip(buckets, mix, strict=True))
        lines += ["[[workload.classes]]", f'name = "class {i}"', f"share = {(high - low) / 100}"]
        lines += [f"mix = {{ {told} }}"]
        if rng.random() < 0.2:
            lines += [f"min_accuracy = {rng.choice([0.05, 0.3, 0.9])}"]
        if rng.random() < 0.2:
            lines += [f"max_latency_p95_s = {rng.choice([1, 20, 200])}"]
    for model in models:
        lines += ["[[candidates]]", f'model = "{model}"', 'methods = ["greedy", "majority_vote"]']
        lines += [f"samples = {sorted(rng.sample([1, 2, 4, 8, 16, 32, 64], 3))}"]
    lines += ["[[supply]]", f'accelerator = "{rng.choice(ACCELERATORS)}"']
    price = rng.choice(['"$2/h"', '["$1/h", "$4/h"]', '"$0.40/h"'])
    lines += [f"price = {price}"]
    lines += [f"min_replicas = {rng.choice([1, 2])}"]
    lines += [f"utilisation = {rng.choice([0.3, 0.7, 0.95])}"]
    if rng.random() < 0.3:
        lines += ["[router]", 'signal = "none"']
    lines += ["[budget]", f"usd_per_day = {rng.choice([60, 2000, 20_000, 1e6])}"]
    lines += ["[constraints]", f"whole = {str(rng.random() < 0.3).lower()}"]
    if rng.random() < 0.3:
        lines += [f"max_models = {rng.choice([1, 2])}"]
    return "\n".join(lines) + "\n"
