"""Every reader of files, as the command line calls it, with a sound file to damage."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from planner.domain.cardbook import CardBook
from planner.ingest.cards import load_cards
from planner.ingest.check import check_file
from planner.ingest.law_file import read_law
from planner.ingest.listing import list_cards
from planner.ingest.logs.read import read_logs
from planner.ingest.logs.reading import LogOptions
from planner.ingest.measured_json import read_measured
from planner.ingest.price_lists import read_price_list
from planner.ingest.profile import with_profile
from planner.ingest.saved import read_saved
from planner.ingest.scenario import read_scenario
from planner.ingest.shapes_csv import read_shapes
from planner.ingest.throughputs import Given
from planner.ingest.timings import read_measurements
from planner.ingest.training_csv import read_runs, read_scores
from planner.pipeline import solve_table


@dataclass(frozen=True)
class Reader:
    """How one kind of file is read."""

    file: str
    """Name of the file that is written, below a folder of its own."""
    sound: str
    read: Callable[[Path], object]


@cache
def book() -> CardBook:
    return load_cards()


def _scenario(path: Path) -> object:
    path.with_name("obs.csv").write_text(OBSERVATIONS, encoding="utf-8")
    return read_scenario(path)


def _card(path: Path) -> object:
    return list_cards(load_cards(path.parent.parent), path.parent.name)


def _vllm(path: Path) -> object:
    return read_measurements([path], book(), given=Given("h100-sxm"))


OBSERVATIONS = """\
model,method,question_set,bucket,n_samples,accuracy,n_questions,params_b,verifier,temperature,source
a-7b,greedy,MATH,easy,1,0.5,250,7,,,ours
a-7b,majority_vote,MATH,easy,4,0.55,250,7,,0.7,ours
a-7b,weighted_vote,MATH,hard,4,31.5%,250,7,prm,0.7,"ours, again"
b-34b,greedy,MATH,hard,1,0.4,250,34,,,ours
"""
SCENARIO = """\
schema = "planner.scenario/1"
title = "Maths tutor, 2027"
[data]
observations = ["obs.csv"]
[workload]
volume = "40 qps"
prompt_tokens = { easy = 200, all = [150, 300] }
output_tokens = [250, 300, 350]
peak_to_mean = 3
[[workload.classes]]
name = "homework"
share = 0.75
mix = { easy = 0.48, hard = 0.52 }
min_accuracy = "40%"
max_latency_p95_s = "30 s"
allow = ["a-7b"]
[[workload.classes]]
name = "exams"
share = 0.25
mix = { hard = 1.0 }
[[candidates]]
model = "a-7b"
methods = ["greedy", "majority_vote", "weighted_vote"]
verifier = "prm"
samples = [1, 2, 4]
[[candidates]]
model = "b-34b"
methods = ["greedy"]
[[supply]]
accelerator = "h100-sxm"
price = ["$2/h", "$3/h"]
kind = "reserved"
engine_efficiency = [0.35, 0.8]
utilisation = "70%"
min_replicas = 3
count = 64
[router]
signal = "none"
[baseline]
option = "b-34b greedy"
[objective]
kind = "cost"
[budget]
usd_per_day = "$15k/month"
flop_per_day = "1e20"
[constraints]
max_models = 2
whole = true
"""
OPTIONS = """\
query_class,queries_per_day,option,model,accuracy,cost_usd,latency_s,model_fixed_usd_per_day
easy,1000,small,a,0.6,0.001,1.5,10
easy,1000,large,b,0.8,0.01,3,
hard,500,small,a,0.3,0.002,2,10
hard,500,large,b,0.5,0.02,4,
"""
RUNS = """\
params,train_tokens,loss,model
70M,1.4B,3.4,a
160M,3.2B,3.0,b
1e9,20e9,2.5,c
"""
SCORES = """\
model,bucket,accuracy,n_questions,loss,params,train_tokens
a,easy,0.3,100,2.5,1e9,2e10
b,easy,0.4,100,2.3,,
b,hard,0.1,50,2.3,,
"""
LAW = '{"E": 1.69, "A": 406.4, "B": 410.7, "alpha": 0.34, "beta": 0.28, "title": "mine"}\n'
LAW_TOML = "E = 1.69\nA = 406.4\nB = 410.7\nalpha = 0.34\nbeta = 0.28\n"
TIMES = """\
device,model,phase,batch,prompt_or_context_tokens,seconds_median,weight_dtype
H200,llama-2-7b,decode,1,256,0.004,bf16
H200,llama-2-7b,decode,64,1024,0.011,bf16
H200,llama-2-7b,prefill,1,2048,0.09,bf16
"""
THROUGHPUTS = """\
gpu,gpu_count_tp,model,engine,dtype,num_prompts,output_tok_s,itl_ms
A100-80GB-SXM,2,llama-3.1-8b,vllm,bf16,320,1854,38.2
H100,1,mistral-7b-instruct-v0.3,vllm,,,3281,27.2
"""
SHAPES = """\
model,layers,d,heads,kv_heads,head_dim,ffn,vocab,tied,params,experts,experts_active,moe_ffn
mine,24,896,14,2,64,4864,151936,1,494032768,,,
"""
VLLM = """\
{"date": "20260901-120000", "backend": "vllm", "model_id": "llama-3.1-8b", "num_prompts": 320,
 "request_rate": "inf", "duration": 44.1, "completed": 320, "total_input_tokens": 65536,
 "total_output_tokens": 81920, "output_throughput": 1857.6, "mean_itl_ms": 38.2,
 "max_concurrency": 256, "tensor_parallel_size": 1}
"""
PRICES = """\
{"sample_spec": {"mode": "one of: chat", "litellm_provider": "one of"},
 "gpt-4o-mini": {"litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 1.5e-07,
  "output_cost_per_token": 6e-07, "cache_read_input_token_cost": 7.5e-08},
 "gemini/gemini-2.5-pro": {"litellm_provider": "gemini", "mode": "chat",
  "input_cost_per_token": 1.25e-06, "output_cost_per_token": 1e-05,
  "input_cost_per_token_above_200k_tokens": 2.5e-06,
  "output_cost_per_token_above_200k_tokens": 1.5e-05}}
"""
RECORDS = """\
model,problem_id,sample,correct,answer,score,step_scores,question_set,output_tokens,temperature
m,p1,0,1,5,0.9,"[0.5, 0.9]",set,20,0.7
m,p1,1,0,6,0.1,"[0.5, 0.1]",set,30,0.7
m,p2,0,0,7,0.4,"[0.4]",set,25,0.7
m,p2,1,1,8,0.6,"[0.6]",set,21,0.7
"""
JSON_RECORDS = "".join(
    json.dumps({"model": "m", "problem_id": f"p{i // 2}", "sample": i % 2, "correct": i % 3 == 0,
                "answer": str(i), "score": i / 9, "metadata": {"level": i}}) + "\n"
    for i in range(6)
)  # fmt: skip
INSPECT = json.dumps(
    {
        "version": 2,
        "status": "success",
        "eval": {
            "eval_id": "e1", "run_id": "r1", "created": "2026-01-01T00:00:00+00:00",
            "task": "toy", "dataset": {"name": "toy_set"}, "model": "org/m",
            "model_generate_config": {},
        },
        "plan": {"name": "plan", "steps": [], "config": {"temperature": 0.7}},
        "results": {"scores": [{"name": "match", "scorer": "match", "reducer": "mean"}]},
        "samples": [
            {
                "id": f"q{i}", "epoch": 1, "input": "2+3?", "target": "5", "messages": [],
                "output": {"model": "m-1", "choices": [], "usage": {"output_tokens": 7}},
                "scores": {"match": {"value": "C" if i else 0, "answer": "5"}},
                "metadata": {"level": 3}, "model_usage": {"org/m": {"input_tokens": 20}},
            }
            for i in range(3)
        ],
    },
    indent=1,
)  # fmt: skip
LM_EVAL = "".join(
    json.dumps(
        {"doc_id": i, "doc": {"question": "2+3?", "level": 2}, "target": "5", "resps": [["5"]],
         "filtered_resps": ["5"], "filter": "none", "metrics": ["exact_match"],
         "doc_hash": "ab", "prompt_hash": "cd", "target_hash": "ef", "exact_match": i % 2}
    ) + "\n"
    for i in range(4)
)  # fmt: skip
LM_RUN = json.dumps(
    {
        "results": {"toy": {"alias": "toy", "exact_match,none": 0.5}},
        "configs": {"toy": {"task": "toy", "repeats": 1, "generation_kwargs": {"temperature": 0}}},
        "config": {"model": "hf", "model_args": "pretrained=org/m"},
        "model_name": "org/m",
        "date": 1700000000.0,
    },
    indent=1,
)
QUESTION = "7B+PRM or 34B greedy at 1M queries/day on MATH-500, 60% level 1-3, under $500/day"

READERS: dict[str, Reader] = {
    "observations": Reader("obs.csv", OBSERVATIONS, check_file),
    "scenario": Reader("scenario.toml", SCENARIO, _scenario),
    "options": Reader("options.csv", OPTIONS, lambda path: solve_table(path, budget="20")),
    "training runs": Reader("runs.csv", RUNS, read_runs),
    "training scores": Reader("scores.csv", SCORES, read_scores),
    "law in JSON": Reader("law.json", LAW, read_law),
    "law in TOML": Reader("law.toml", LAW_TOML, read_law),
    "step times": Reader("times.csv", TIMES, lambda path: read_measurements([path], book())),
    "throughputs": Reader("rates.csv", THROUGHPUTS, lambda p: read_measurements([p], book())),
    "shapes": Reader("shapes.csv", SHAPES, read_shapes),
    "result of vLLM": Reader("vllm.json", VLLM, _vllm),
    "price list": Reader("prices.json", PRICES, lambda path: read_price_list(str(path), None)),
    "profile": Reader("profile.toml", "", lambda path: with_profile(book(), str(path))),
    "saved plan": Reader("plan.json", "", read_saved),
    "saved answer": Reader("answer.json", "", read_saved),
    "saved curves": Reader("curves.json", "", read_saved),
    "measured file": Reader("obs.meta.json", "", read_measured),
    **{
        f"card of {kind}": Reader(f"models/{kind}/card.toml", "", _card)
        for kind in ("llms", "verifiers", "accelerators", "prices")
    },
}
"""Where `sound` is empty, a file that ships or that a verb wrote is damaged."""

LOGS: dict[str, tuple[str, str]] = {
    "records in CSV": ("records.csv", RECORDS),
    "records in JSON lines": ("records.jsonl", JSON_RECORDS),
    "a log of inspect_ai": ("log.json", INSPECT),
    "samples of lm-eval": ("samples_toy_2026-01-01T00-00-00.jsonl", LM_EVAL),
    "results of lm-eval": ("results_2026-01-01T00-00-00.json", LM_RUN),
}


def read_log_files(paths: Sequence[Path], *, skip_bad: bool) -> None:
    """Reads logs up to the view of samples, and every sample of it."""
    with read_logs(paths, LogOptions(skip_bad=skip_bad), "200MB") as found:
        if found.columns_present:
            found.connection.execute(f"SELECT * FROM {found.view}").fetchall()
