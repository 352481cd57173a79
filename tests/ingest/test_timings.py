"""Measured times are read as they stand, and what cannot be used is told with its line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from planner.domain.cardbook import CardBook
from planner.errors import InputError
from planner.ingest.cards import load_cards
from planner.ingest.shapes_csv import read_shapes
from planner.ingest.throughputs import Given
from planner.ingest.timings import read_measurements

HEADER = "device,model,phase,batch,prompt_or_context_tokens,seconds_median"
SHAPE = "layers,d,heads,kv_heads,head_dim,ffn,vocab,tied,params"
OWN = "24,896,14,2,64,4864,151936,1,494032768"


@pytest.fixture(scope="module")
def book() -> CardBook:
    return load_cards()


def written(folder: Path, *lines: str, name: str = "m.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def problems_of(path: Path, book: CardBook, given: Given | None = None) -> str:
    with pytest.raises(InputError) as caught:
        read_measurements([path], book, given=given)
    return str(caught.value)


def test_a_row_of_step_times_is_read_otherwise_than_written(tmp_path: Path, book: CardBook) -> None:
    path = written(
        tmp_path,
        f"{HEADER},peak_memory_bytes,weight_dtype,tensor_parallel",
        "NVIDIA-H200,llama-2-7b,decode,16,1024,0.00618,21e9,fp8,2",
        "NVIDIA-H200,prm-llama-2-7b,prm,4,512,0.0438,,,",
    )
    text = path.read_text().replace(",prm,", ",prefill,")
    path.write_text(text)
    found = read_measurements([path], book)
    first, second = found.steps
    assert (first.model, first.phase, first.batch, first.tokens) == (
        "llama-2-7b",
        "decode",
        16,
        1024,
    )
    assert (first.seconds, first.peak_memory_byte) == (0.00618, 21e9)
    assert (first.weights, first.gpus, first.verifier) == ("fp8-tensor", 2, False)
    assert (second.verifier, second.phase, second.peak_memory_byte) == (True, "prefill", None)
    assert found.accelerator == "h200-sxm"
    assert set(found.shapes) == {"llama-2-7b"}
    assert found.shapes["llama-2-7b"].layers == 32
    assert first.place == f"{path}:2"


def test_a_model_without_a_card_is_taken_for_its_neighbour(tmp_path: Path, book: CardBook) -> None:
    path = written(tmp_path, HEADER, "H200,llama-2-7bb,decode,1,256,0.004")
    said = problems_of(path, book)
    assert "m.csv:2" in said
    assert "llama-2-7bb" in said
    assert "did you mean llama-2-7b" in said
    assert "--shapes" in said


def test_a_shape_in_the_rows_or_beside_them_is_not_used(tmp_path: Path, book: CardBook) -> None:
    inside = written(tmp_path, f"{HEADER},{SHAPE}", f"H200,mine,decode,1,256,0.001,{OWN}")
    found = read_measurements([inside], book)
    assert found.shapes["mine"].params_b == pytest.approx(0.494032768)
    assert found.shapes["mine"].width == 896
    shapes = written(tmp_path, f"model,{SHAPE}", f"mine,{OWN}", name="s.csv")
    beside = written(tmp_path, HEADER, "H200,mine,decode,1,256,0.001", name="b.csv")
    again = read_measurements([beside], book, [shapes])
    assert again.shapes["mine"].layers == 24
    assert set(again.digests) == {str(beside), str(shapes)}


def test_a_broken_shape_is_read(tmp_path: Path, book: CardBook) -> None:
    path = written(tmp_path, f"model,{SHAPE}", f"mine,{OWN.replace('896', 'wide')}")
    with pytest.raises(InputError, match="column d: this is not a whole number above 0"):
        read_shapes(path)
    for column, cell in (("params", "494032768"), ("d", "896"), ("layers", "24")):
        path = written(tmp_path, f"model,{SHAPE}", f"mine,{OWN.replace(cell, '0')}")
        with pytest.raises(InputError, match=f"column {column}: .* whole number above 0"):
            read_shapes(path)
    wide = written(tmp_path, f"model,{SHAPE},experts,experts_active,moe_ffn", f"m,{OWN},8,2,768")
    assert read_shapes(wide)[0]["m"].expert_ffn == 768
    assert "column experts: the shape known for this model has no experts" in problems_of(
        written(tmp_path, f"{HEADER},experts", "H200,llama-2-7b,decode,1,256,0.004,8"), book
    )


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("H200,llama-2-7b,reading,1,256,0.004", "phase"),
        ("H200,llama-2-7b,decode,0,256,0.004", "batch"),
        ("H200,llama-2-7b,decode,1,2.5,0.004", "prompt_or_context_tokens"),
        ("H200,llama-2-7b,decode,1,256,-1", "seconds_median"),
        ("H200,llama-2-7b,decode,1,256,", "seconds_median"),
        ("TPU9,llama-2-7b,decode,1,256,0.004", "device"),
    ],
)
def test_a_cell_that_cannot_be_is_taken(
    tmp_path: Path, book: CardBook, row: str, column: str
) -> None:
    said = problems_of(written(tmp_path, HEADER, row), book)
    assert ":2: column " + column in said
    assert "->" in said


def test_an_unknown_weight_format_is_taken(tmp_path: Path, book: CardBook) -> None:
    path = written(tmp_path, f"{HEADER},weight_dtype", "H200,llama-2-7b,decode,1,256,0.004,fp3")
    assert "bf16, fp8-tensor, fp8-row, int4" in problems_of(path, book)


def test_steps_of_two_devices_make_one_profile(tmp_path: Path, book: CardBook) -> None:
    rows = ("H200,llama-2-7b,decode,1,256,0.004", "H100,llama-2-7b,decode,1,256,0.006")
    path = written(tmp_path, HEADER, *rows)
    assert "several devices" in problems_of(path, book)
    named = read_measurements([path], book, given=Given("h100-sxm"))
    assert named.accelerator == "h100-sxm"


def test_tokens_a_second_are_read_otherwise_than_written(tmp_path: Path, book: CardBook) -> None:
    path = written(
        tmp_path,
        "gpu,gpu_count_tp,model,engine,dtype,num_prompts,output_tok_s,itl_ms",
        "A100-80GB-SXM,2,Meta-Llama-3.1-8B-FP8,vllm,fp8,320,1854,38.2",
        "H100,1,mistralai/Mistral-7B-Instruct-v0.3,vllm,,,3281,27.2",
        "unstated,1,Mistral-7B-Instruct-v0.3,vllm,bf16,320,3000,27",
        "H100,1,No-Such-Model,vllm,bf16,320,3000,27",
    )
    found = read_measurements([path], book)
    burst, steady = found.throughputs
    assert (burst.accelerator, burst.gpus, burst.weights) == ("a100-80gb-sxm", 2, "fp8-tensor")
    assert (burst.load, burst.prompts, burst.batch) == ("all at once", 320, None)
    assert (burst.prompt_tokens, burst.output_tokens) == ((230.0,), (224.0,))
    assert (steady.load, steady.prompts) == ("steady", None)
    assert steady.batch == pytest.approx(3281 * 0.0272)
    assert [n.code for n in found.notes] == ["row_left_out"] * 2
    assert "unstated" in found.notes[0].message
    said = read_measurements([path], book, given=Given("h100-sxm", 100.0, 50.0))
    assert [row.accelerator for row in said.throughputs] == ["h100-sxm"]
    assert said.throughputs[0].output_tokens == (50.0,)


def test_a_part_of_a_gpu_or_of_a_prompt_is_taken_or_a_cell_told_twice(
    tmp_path: Path, book: CardBook
) -> None:
    path = written(
        tmp_path,
        "gpu,gpu_count_tp,model,num_prompts,output_tok_s",
        "H100,0.5,llama-3-8b,0,3000",
        "H100,1,llama-3-8b,320,-3",
    )
    with pytest.raises(InputError) as caught:
        read_measurements([path], book)
    found = [(p.where.rpartition(":")[2], p.column) for p in caught.value.problems]
    assert found == [("2", "gpu_count_tp"), ("2", "num_prompts"), ("3", "output_tok_s")]


def test_rows_of_another_gpu_are_left_out_without_a_word(tmp_path: Path, book: CardBook) -> None:
    rows = ("H100,llama-3-8b,3000", "A100,llama-3-8b,1500")
    path = written(tmp_path, "gpu,model,output_tok_s", *rows)
    found = read_measurements([path], book, given=Given("a100-80gb-sxm"))
    assert [row.output_tokens_per_s for row in found.throughputs] == [1500]
    assert "1 row left out: not measured on a100-80gb-sxm" in found.notes[0].message
    none = written(tmp_path, "gpu,model,output_tok_s", rows[0], name="none.csv")
    assert "not measured on a100-80gb-sxm" in problems_of(none, book, Given("a100-80gb-sxm"))


RESULT = {
    "backend": "vllm",
    "model_id": "mistralai/Mistral-7B-Instruct-v0.3",
    "request_rate": "inf",
    "max_concurrency": None,
    "duration": 20.0,
    "completed": 4,
    "total_input_tokens": 400,
    "total_output_tokens": 1000,
    "output_throughput": 50.0,
    "mean_itl_ms": 20.0,
    "output_lens": [100, 200, 300, 400],
}


def test_a_result_of_vllm_is_read_otherwise_than_written(tmp_path: Path, book: CardBook) -> None:
    path = written(tmp_path, json.dumps(RESULT), name="r.json")
    (row,) = read_measurements([path], book, given=Given("h100-sxm")).throughputs
    assert (row.load, row.prompts, row.output_tokens_per_s) == ("all at once", 4, 50.0)
    assert row.output_tokens == (100.0, 200.0, 300.0, 400.0)
    assert row.prompt_tokens == (100.0,)
    capped = written(tmp_path, json.dumps(RESULT | {"max_concurrency": 32}), name="c.json")
    (row,) = read_measurements([capped], book, given=Given("h100-sxm", gpus=2)).throughputs
    assert (row.load, row.batch, row.gpus) == ("steady", 32, 2)
    slow = written(tmp_path, json.dumps(RESULT | {"request_rate": 2.0}), name="s.json")
    (row,) = read_measurements([slow], book, given=Given("h100-sxm")).throughputs
    assert (row.load, row.batch) == ("steady", pytest.approx(1.0))


def test_a_request_that_failed_spoils_a_result_of_vllm(tmp_path: Path, book: CardBook) -> None:
    """vLLM lists its prompt, and an answer of no tokens."""
    more = {"input_lens": [90, 80, 70, 60, 50], "output_lens": [100, 0, 200, 300, 400]}
    path = written(tmp_path, json.dumps(RESULT | more), name="r.json")
    (row,) = read_measurements([path], book, given=Given("h100-sxm")).throughputs
    assert row.output_tokens == (100.0, 200.0, 300.0, 400.0)
    assert row.prompt_tokens == (90.0, 70.0, 60.0, 50.0)
    torn = written(tmp_path, json.dumps(RESULT | {"output_lens": [1, -1]}), name="t.json")
    assert "no count of tokens" in problems_of(torn, book, Given("h100-sxm"))


def test_a_result_that_says_too_little_is_used(tmp_path: Path, book: CardBook) -> None:
    path = written(tmp_path, json.dumps(RESULT), name="r.json")
    assert "--accelerator" in problems_of(path, book)
    bare = written(tmp_path, json.dumps({"model_id": "nobody"}), name="b.json")
    said = problems_of(bare, book, Given("h100-sxm"))
    assert "output_throughput" in said
    assert "no card has this name" in said
    torn = written(tmp_path, '{"model_id": ', name="t.json")
    assert "not JSON" in problems_of(torn, book)


def test_a_table_of_neither_kind_is_read(tmp_path: Path, book: CardBook) -> None:
    path = written(tmp_path, "model,tokens_per_s", "llama-2-7b,100")
    said = problems_of(path, book)
    assert "rename it to output_tok_s, if it counts generated tokens only" in said
    only_unknown = written(tmp_path, "gpu,model,output_tok_s", "H100,No-Such,100")
    assert "no row can be used" in problems_of(only_unknown, book)
