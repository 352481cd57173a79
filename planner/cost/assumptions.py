"""Numbers that costs rest on and no card or observation holds, each with its reason and source.

A module that needs one imports the constant; `planner.cost.assumption_rows` lists them for the
report, apart: to make its rows costs more than to read the constants.
"""

from __future__ import annotations

from planner.domain.ranges import Range

WEIGHT_BYTES = 2.0
"""Bytes of a weight and of a cached value: bf16, as most checkpoints are and as was measured."""

TOKEN_TIME_LIMIT_S = 0.05
"""Longest time per output token that a replica may take at its operating batch: 20 tokens a
second and query, faster than reading, and a limit that serving studies commonly use. A lower
limit means smaller batches and dearer tokens."""

MAX_BATCH = 1024
"""Most sequences that a replica decodes together."""

PREFILL_BATCH_TOKENS = 8192
"""Tokens of several prompts that a loaded replica reads in one pass, so that weights are read and
kernels launched once for all of them."""

MEMORY_SHARE = 0.9
"""Share of a GPU's memory that the engine takes; the rest is the driver's and fragmentation's."""

ACTIVATION_FACTOR = 1.23
"""Peak activation bytes of a prefill pass over tokens x (6 ffn + 6 width): 1.1 to 1.4 measured."""

ENGINE_EFFICIENCY = Range(value=0.53, low=0.35, high=0.8)
"""Kernel time over a serving engine's time: scheduling, sampling and bubbles take the rest."""

FLEET_EFFICIENCY = Range(value=1.0, low=0.85, high=1.18)
"""Engine efficiency of one model's fleet over that of the engine in general: kernels, batch and
lengths suit some models better. No source measures it over many models; 15% either way is
assumed, and it is what keeps a comparison of two models from being surer than it can be."""

MEASURED_TIME = Range(value=1.0, low=0.95, high=1.05)
"""Real over modelled kernel time where the accelerator itself was measured: the 80% range of the
residuals of the additive form over models and batches."""

BORROWED_TIME = Range(value=1.0, low=0.8, high=1.25)
"""Real over modelled kernel time where another accelerator's efficiencies serve. The share of a
datasheet's rate that good kernels reach varies about so much between designs and power limits."""

UNMEASURED_FORMAT_TIME = Range(value=1.0, low=0.8, high=1.6)
"""Real over modelled kernel time of a weight format that was measured nowhere: bf16's efficiencies
on fewer bytes. Unpacking weights costs time that is not modelled, so that it is rather more."""

ALL_REDUCE_S = 12.2e-6
"""Time of an all-reduce of few bytes over two GPUs."""

ALL_REDUCE_LINK_SHARE = 0.56
"""Share of the link's one-way bandwidth that an all-reduce reaches: 252 of 450 GB/s, NVLink 4."""

P95_TO_MEAN = Range(value=1.9, low=1.4, high=3.2)
"""95th percentile of a sample's output length over its mean, across queries, without thinking."""

P95_TO_MEAN_THINKING = Range(value=3.1, low=2.1, high=4.5)
"""The same where the model thinks at length."""

LENGTH_CV = 0.48
"""Coefficient of variation of a sample's length across queries: that of a log-normal whose p95 is
1.9 times its mean. Longer samples meet longer contexts, which is paid in cache reads."""

THINKING_OUTPUT_TOKENS = Range(value=10_000, low=5_000, high=23_000)
"""Generated tokens of a sample of a model that thinks at length, on competition mathematics: 6,400
of gpt-oss-120b at medium effort (Chen et al. 2026, Table 2), 12,000 of DeepSeek-R1 and 23,000 of
DeepSeek-R1-0528 on AIME 2025 (its model card)."""

SAMPLE_LENGTH_CV = 0.2
"""Coefficient of variation of output length between samples of one query. It is far below that
between queries, so that waiting for the slowest of n costs little: hard queries are long in every
sample. Medians over runs: .15 without thinking, .22 with."""

CRITIQUE_SHARE = 0.5
"""Tokens of a critique over those of an answer, for `refine`. No source: methods differ widely."""

LOOKAHEAD_STEPS = 1.0
"""Steps that lookahead search rolls ahead, k. Snell et al. use 1 and 3."""

TRAINING_MFU = 0.4
"""Share of an accelerator's peak that training reaches; Llama 3 405B reached 38 to 43%."""

UTILISATION = 0.7
"""Share of a replica's capacity that is planned for at the peak; the rest absorbs queues."""
