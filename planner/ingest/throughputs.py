"""Tokens a second of serving engines: plain tables, and results of vLLM's benchmark_serving."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from planner.domain.calibration import Load, Throughput
from planner.domain.card import ModelCard
from planner.domain.cardbook import CardBook
from planner.domain.weights import weight_format
from planner.errors import InputError, Note, Problem
from planner.ingest._cells import CellError, Number
from planner.ingest._table import Columns, Problems, Record, read_table
from planner.ingest._text import Text
from planner.ingest.json_file import parse_json

PROMPT_TOKENS, OUTPUT_TOKENS = 230.0, 224.0
"""Mean lengths of 320 prompts that vLLM's benchmark draws from ShareGPT, and of their answers:
73,671 and 71,810 tokens in a result of Lambda's vllm-benchmark (Mistral 7B v0.3, 2024-08-19)."""
TABLE = Columns(
    required=("model", "output_tok_s"),
    optional=(
        "gpu",
        "gpu_count_tp",
        "dtype",
        "num_prompts",
        "concurrency",
        "prompt_tokens",
        "output_tokens",
        "itl_ms",
    ),
    ignored=frozenset({"params_b", "active_params_b", "engine", "output_tok_s_per_gpu"}),
    meant={
        "no output_tok_s": "add output_tok_s, the generated tokens a second; step times need"
        " seconds_median instead",
        **dict.fromkeys(
            (
                *("tokens_per_s", "tokens_per_second", "tok_s", "throughput"),
                *("output_tokens_per_s", "output_tokens_per_second", "output_throughput"),
            ),
            "rename it to output_tok_s, if it counts generated tokens only",
        ),
        "tensor_parallel": "rename it to gpu_count_tp",
    },
)
_POSITIVE = Number(low=0, above_low=True)
_WHOLE = Number(low=1, whole=True)
_COUNTS = ("gpu_count_tp", "num_prompts")
_SUFFIXES = ("-fp8", "-FP8", "-AWQ", "-GPTQ")
"""Of names of checkpoints in another format than the model's card."""


@dataclass(frozen=True)
class Given:
    """What the user says of measurements that do not say it."""

    accelerator: str | None = None
    prompt_tokens: float | None = None
    output_tokens: float | None = None
    weights: str | None = None
    gpus: int = 1


@dataclass(frozen=True)
class ThroughputTable:
    """Rows of a table that can be used, shapes of their models, and what was left out."""

    rows: list[Throughput]
    cards: dict[str, ModelCard]
    notes: list[Note]


def read_throughput_table(text: Text, book: CardBook, given: Given) -> ThroughputTable:
    """Rows whose model and GPU have cards; the others are left out with a note.

    All prompts of a row come at once where it has num_prompts; else its load is steady, with
    `concurrency` sequences, or those that output_tok_s x itl_ms implies (Little's law).

    Raises InputError with every cell that cannot be read.
    """
    problems = Problems(text.name)
    table = read_table(text, TABLE, problems)
    problems.raise_any()
    rows: list[Throughput] = []
    cards: dict[str, ModelCard] = {}
    left: Counter[str] = Counter()
    for record in table.records:
        before = problems.count
        numbers = _numbers(record, problems)
        if problems.count > before:
            continue
        card = _model(record.cells["model"], book)
        gpu = _accelerator(record.cells.get("gpu") or given.accelerator, book)
        if card is None or gpu is None:
            what = "model" if card is None else "GPU"
            named = record.cells["model"] if card is None else record.cells.get("gpu") or "none"
            left[f"no card of {what} {named}"] += 1
            continue
        row = _row(record, numbers, gpu, given, problems)
        if row is not None:
            rows.append(row)
            cards[row.model] = card
    problems.raise_any()
    notes = [
        Note("row_left_out", f"{text.name}: {count} row{'s' * (count > 1)} left out: {why}")
        for why, count in left.items()
    ]
    return ThroughputTable(rows, cards, notes)


def _row(
    record: Record, numbers: Mapping[str, float], gpu: str, given: Given, problems: Problems
) -> Throughput | None:
    dtype = record.cells.get("dtype") or given.weights or "bf16"
    try:
        weights = weight_format(dtype)
    except ValueError as error:
        what, _, remedy = str(error).partition("; ")
        problems.add(record.line, what, "dtype", dtype, remedy)
        return None
    if "output_tok_s" not in numbers:
        problems.add(record.line, "the cell is empty", "output_tok_s", remedy="write a number")
        return None
    rate = numbers["output_tok_s"]
    prompts = int(numbers["num_prompts"]) if "num_prompts" in numbers else None
    batch = numbers.get("concurrency")
    if batch is None and prompts is None and "itl_ms" in numbers:
        batch = rate * numbers["itl_ms"] / 1e3
    load: Load = "all at once" if prompts is not None and batch is None else "steady"
    lengths = (("prompt_tokens", given.prompt_tokens, PROMPT_TOKENS),
               ("output_tokens", given.output_tokens, OUTPUT_TOKENS))  # fmt: skip
    prompt, output = (numbers.get(name) or said or usual for name, said, usual in lengths)
    return Throughput(
        model=record.cells["model"],
        accelerator=gpu,
        gpus=int(numbers.get("gpu_count_tp", given.gpus)),
        weights=weights,
        output_tokens_per_s=rate,
        load=load,
        prompts=prompts,
        batch=batch,
        prompt_tokens=(prompt,),
        output_tokens=(output,),
        place=f"{problems.name}:{record.line}",
    )


def _numbers(record: Record, problems: Problems) -> dict[str, float]:
    found: dict[str, float] = {}
    for name in TABLE.known:
        cell = record.cells.get(name, "")
        if name in ("model", "gpu", "dtype") or not cell:
            continue
        kind = _WHOLE if name in _COUNTS else _POSITIVE
        try:
            found[name] = float(kind.read(cell, Counter()))
        except CellError as error:
            problems.add(record.line, error.what, name, cell, error.remedy)
    return found


def _model(name: str, book: CardBook) -> ModelCard | None:
    """The card of a model, by its name, without its publisher or its format where need be."""
    short = name.rpartition("/")[2]
    names = [name, short, *(short.removesuffix(end) for end in _SUFFIXES if short.endswith(end))]
    for known in (*names, *(n.removeprefix("Meta-") for n in names)):
        try:
            return book.shape_of(book.model(known))
        except InputError:
            continue
    return None


def _accelerator(name: str | None, book: CardBook) -> str | None:
    try:
        return None if name is None else book.accelerator(name).name
    except InputError:
        return None


def read_vllm_result(text: Text, book: CardBook, given: Given) -> tuple[Throughput, ModelCard]:
    """One JSON result of vLLM's benchmark_serving (`vllm bench serve --save-result`).

    Its own lengths are used, those of each prompt where it lists them. request_rate `inf` without
    max_concurrency is a burst; else the load is steady at max_concurrency, or at the sequences that
    throughput and time per output token imply.

    Raises InputError where it is no such result, or nothing says the GPU or the model's shape.
    """
    result = _result(text)
    problems = [
        Problem(text.name, "the result lacks this number", column=name, remedy=_RERUN)
        for name in ("output_throughput", "total_output_tokens", "total_input_tokens", "completed")
        if not _positive(result.get(name)) or (name == "completed" and result[name] < 1)
    ]
    problems += [
        Problem(text.name, "this is not a number above 0", name, str(result[name]), _RERUN)
        for name in ("max_concurrency", "mean_itl_ms", "mean_tpot_ms")
        if result.get(name) and not _positive(result[name])
    ]
    problems += [
        Problem(text.name, "it holds what is no count of tokens", name, remedy=_RERUN)
        for name in ("input_lens", "output_lens")
        if isinstance(result.get(name), list)
        and not all(_positive(x) or (x == 0 and x is not False) for x in result[name])
    ]
    model = str(result.get("model_id", ""))
    card = _model(model, book)
    if card is None:
        remedy = "add a card of that name under models/llms, or name one under aliases"
        problems.append(Problem(text.name, "no card has this name", "model_id", model, remedy))
    gpu = _accelerator(given.accelerator, book)
    if gpu is None:
        what = "the result does not say on which GPU it was measured"
        problems.append(Problem(text.name, what, remedy="say it: --accelerator h100-sxm"))
    if problems or card is None or gpu is None:
        raise InputError(problems)
    rate, completed = float(result["output_throughput"]), int(result["completed"])
    burst = str(result.get("request_rate", "inf")) == "inf" and not result.get("max_concurrency")
    token_ms = result.get("mean_itl_ms") or result.get("mean_tpot_ms")
    batch = result.get("max_concurrency") or (rate * token_ms / 1e3 if token_ms else None)
    row = Throughput(
        model=model,
        accelerator=gpu,
        gpus=given.gpus,
        weights=weight_format(given.weights or "bf16"),
        output_tokens_per_s=rate,
        load="all at once" if burst else "steady",
        prompts=completed if burst else None,
        batch=None if burst or batch is None else float(batch),
        prompt_tokens=_lengths(result, "input_lens", result["total_input_tokens"] / completed),
        output_tokens=_lengths(result, "output_lens", result["total_output_tokens"] / completed),
        place=text.name,
    )
    return row, card


_RERUN = "give the file that `vllm bench serve --save-result` writes"


def _positive(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _result(text: Text) -> dict[str, Any]:
    result = parse_json(text, _RERUN)
    if not isinstance(result, dict):
        raise InputError(Problem(text.name, "this is no result of one run", remedy=_RERUN))
    return result


def _lengths(result: Mapping[str, Any], name: str, mean: float) -> tuple[float, ...]:
    """Lengths of each request that was answered; their mean where the result does not list them.

    A request that failed is listed with an answer of no tokens.
    """
    listed, answers = result.get(name), result.get("output_lens")
    if not isinstance(listed, list):
        return (mean,)
    if isinstance(answers, list) and len(answers) == len(listed):
        listed = [x for x, answer in zip(listed, answers, strict=True) if x > 0 and answer > 0]
    if len(listed) != result["completed"]:
        return (mean,)
    return tuple(float(x) for x in listed)
