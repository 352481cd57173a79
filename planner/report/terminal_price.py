"""One configuration's price in the terminal. Plain lines: a table would load more than it shows."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from planner.units import format_count, format_flop, format_seconds, format_usd


def print_price(found: Mapping[str, Any], *, quiet: bool = False) -> None:
    """A configuration (planner.price/1): what it takes, where, and what fits."""
    fleet, memory, tokens = found["fleet"], found["memory"], found["tokens"]
    gpu_s = f"{found['gpu_s_per_query_low']:.2g} to {found['gpu_s_per_query_high']:.2g}"
    lines = [
        ("generated tokens", format_count(tokens["decoded"], 4)),
        ("tokens read", format_count(tokens["prefill"] + tokens["verifier"], 4)),
        ("FLOPs", format_flop(found["flop_per_query"])),
        ("with cache reads", format_flop(found["eflop_per_query"])),
        ("GPU-seconds on a full fleet", f"{found['gpu_s_per_query']:.4g} ({gpu_s}, 90%)"),
        ("alone on a replica", format_seconds(found["idle_replica_s"])),
    ]
    if found["idle_replica_one_prefix_s"] is not None:
        shared = format_seconds(found["idle_replica_one_prefix_s"])
        lines.append(("with one copy of the prompt", f"{shared} (cascade attention)"))
    if found["usd_per_query"] is not None:
        ends = (format_usd(found[f"usd_per_query_{end}"]) for end in ("low", "high"))
        usd = f"{format_usd(found['usd_per_query'])} ({' to '.join(ends)}, 90%)"
        lines.append(("rent of these GPU-seconds", usd))
        planned = format_usd(found["fleet_usd_per_query"])
        lines.append(("in a fleet for the peak", f"{planned} a query"))
    step = f"{fleet['step_s'] * 1e3:.3g} ms a token"
    weights = f"{memory['weights_gb']:.3g} GB of weights"
    cache = f"{memory['cache_gb']:.3g} GB of cache in {memory['gb']:.0f} GB"
    lines += [
        ("batch", f"{fleet['batch']:.0f}, limited by {fleet['limited_by']}; {step}"),
        ("memory", f"{weights}, {cache}; {memory['largest_batch']:.0f} sequences fit"),
    ]
    with_verifier = f" + {found['verifier']}" if found["verifier"] else ""
    gpus = f"{fleet['gpus_per_replica']} x {fleet['accelerator']}"
    name = f"{found['model']}{with_verifier}, {found['method']} @{found['n_samples']:g}"
    out = [f"{name}, {fleet['weights']} on {gpus}"]
    out += [f"  {what:<28}{value}" for what, value in lines]
    if not quiet:
        out += [f"* {_assumed(row)}" for row in found["assumptions"] if row["source"] != "given"]
        out += [f"! {warning['message']}" for warning in found["warnings"]]
    sys.stdout.write("\n".join(out) + "\n")


def _assumed(row: Mapping[str, Any]) -> str:
    """As `engine efficiency 0.53 (0.35 to 0.8) kernel time / engine time: assumed ...`."""
    spread = "" if row["low"] is None else f" ({row['low']:g} to {row['high']:g})"
    flag = "" if row["flag"] is None else f" ({row['flag']})"
    if isinstance(row["value"], str):
        return f"{row['name']}: {row['unit']} {row['value']}, {row['source']}{flag}"
    return f"{row['name']} {row['value']:g}{spread} {row['unit']}: {row['source']}{flag}"
