"""Questions in words: what is understood, and what is pointed at."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.ask.parse import MAX_CHARACTERS, parse_question
from planner.ask.question import ANY_VERIFIER, Question, Side
from planner.ask.words import LONGEST_PHRASE, METHOD_WORDS, PHRASES
from planner.domain.method import METHODS
from planner.errors import InputError

DAY_S = 86_400

SIDE_FIELDS = (
    "size_b", "model", "method", "verifier", "verifier_size_b", "n_samples", "thinking_tokens",
)  # fmt: skip
FIGURES = (
    "queries_per_day", "horizon_days", "budget_usd_per_day", "min_accuracy", "max_latency_p95_s",
    "mix", "accelerator", "usd_per_gpu_hour",
)  # fmt: skip


def said_of(side: Side) -> dict[str, object]:
    return {f: v for f in SIDE_FIELDS if (v := getattr(side, f)) is not None}


def figures_of(question: Question) -> dict[str, object]:
    said = {f: v for f in FIGURES if (v := getattr(question, f)) is not None}
    return flat(said)


def flat(figures: dict[str, object]) -> dict[str, object]:
    """With the shares of a mix beside the other figures, for pytest.approx."""
    mix = figures.get("mix")
    shares = {f"mix {b}": share for b, share in mix.items()} if isinstance(mix, dict) else {}
    return {f: v for f, v in figures.items() if f != "mix"} | shares


def size(size_b: float, **more: object) -> dict[str, object]:
    return {"size_b": size_b, **more}


def named(model: str, **more: object) -> dict[str, object]:
    return {"model": model, **more}


PRM7 = size(7, verifier="PRM")
GREEDY34 = size(34, method="greedy")
PLAIN = [size(7), size(34)]

SIDES: dict[str, list[dict[str, object]]] = {
    "7B+PRM or 34B greedy": [PRM7, GREEDY34],
    "7B + PRM@64 vs 34B greedy": [size(7, verifier="PRM", n_samples=64), GREEDY34],
    "7b+prm OR 34b GREEDY": [PRM7, GREEDY34],
    "7B PRM@64": [size(7, verifier="PRM", n_samples=64)],
    "7B with a PRM at 64 samples": [size(7, verifier="PRM", n_samples=64)],
    "7B + PRM @ 64": [size(7, verifier="PRM", n_samples=64)],
    "7B with PRM 64": [size(7, verifier="PRM", n_samples=64)],
    "7B+7B PRM@64": [size(7, verifier="PRM", verifier_size_b=7, n_samples=64)],
    "7B with a 70B ORM": [size(7, verifier="ORM", verifier_size_b=70)],
    "7B+OPRM": [size(7, verifier="OPRM")],
    "7B with a verifier": [size(7, verifier=ANY_VERIFIER)],
    "7B + process reward model": [size(7, verifier="PRM")],
    "7B with math-shepherd-7b-prm @16": [size(7, verifier="math-shepherd-7b-prm", n_samples=16)],
    "7B PRM-weighted vote@16 vs 34B-greedy": [
        size(7, method="weighted_vote", verifier="PRM", n_samples=16),
        GREEDY34,
    ],
    "8B majority@32": [size(8, method="majority_vote", n_samples=32)],
    "8B majority vote at 32": [size(8, method="majority_vote", n_samples=32)],
    "8B majority voting with 32 samples": [size(8, method="majority_vote", n_samples=32)],
    "8B maj@8": [size(8, method="majority_vote", n_samples=8)],
    "8B self-consistency@40": [size(8, method="majority_vote", n_samples=40)],
    "8B cons@64": [size(8, method="majority_vote", n_samples=64)],
    "7B best-of-16": [size(7, method="best_of_n", n_samples=16)],
    "7B best of 16 with ORM": [size(7, method="best_of_n", verifier="ORM", n_samples=16)],
    "7B bo16": [size(7, method="best_of_n", n_samples=16)],
    "7B best-of-n with PRM": [size(7, method="best_of_n", verifier="PRM")],
    "best of 16 with 7B": [size(7, method="best_of_n", n_samples=16)],
    "majority@16 with Llama 3.1 8B": [named("Llama 3.1 8B", method="majority_vote", n_samples=16)],
    "greedy 34B": [GREEDY34],
    "7B x32": [size(7, n_samples=32)],
    "7B×32": [size(7, n_samples=32)],
    "7B 32x": [size(7, n_samples=32)],
    "7B n=32": [size(7, n_samples=32)],
    "7B@32": [size(7, n_samples=32)],
    "7B pass@1": [size(7, method="sampled")],
    "7B sampled": [size(7, method="sampled")],
    "7B long thinking": [size(7, method="long_cot")],
    "7B long CoT with 8k tokens": [size(7, method="long_cot", thinking_tokens=8000)],
    "7B thinking with 4096 thinking tokens": [size(7, method="long_cot", thinking_tokens=4096)],
    "7B majority@8 of long thinking at 4k tokens": [
        size(7, method="majority_vote", n_samples=8, thinking_tokens=4000)
    ],
    "7B beam search@4 with PRM": [size(7, method="beam_search", verifier="PRM", n_samples=4)],
    "7B rebase with a PRM": [size(7, method="rebase", verifier="PRM")],
    "gpt-oss-20b vs gpt-oss-120b": [named("gpt-oss-20b"), named("gpt-oss-120b")],
    "gpt-oss-20b (medium) vs gpt-oss-120b": [named("gpt-oss-20b medium"), named("gpt-oss-120b")],
    "llemma-7b weighted vote with PRM at 16 samples or llemma-34b greedy": [
        named("llemma-7b", method="weighted_vote", verifier="PRM", n_samples=16),
        named("llemma-34b", method="greedy"),
    ],
    "Llama 3.1 8B majority@32 vs Qwen 2.5 7B Instruct": [
        named("Llama 3.1 8B", method="majority_vote", n_samples=32),
        named("Qwen 2.5 7B Instruct"),
    ],
    "DeepSeek R1 vs gpt 4o": [named("DeepSeek R1"), named("gpt 4o")],
    "Mixtral 8x7B greedy": [named("Mixtral 8x7B", method="greedy")],
    "meta-llama/Llama-3.1-8B-Instruct greedy": [
        named("meta-llama/Llama-3.1-8B-Instruct", method="greedy")
    ],
    '"Acme 7B Foo" greedy or 7B': [named("Acme 7B Foo", method="greedy"), size(7)],
    "7B or 13B or 34B greedy": [size(7), size(13), GREEDY34],
    "7B, 13B, and 34B greedy": [size(7), size(13), GREEDY34],
    "7B versus 34B": PLAIN,
    "7B against 34B": PLAIN,
    "Compare 7B and 34B": PLAIN,
    "Is 7B+PRM cheaper than 34B greedy?": [PRM7, GREEDY34],
    "which is better, 7B+PRM or 34B greedy?": [PRM7, GREEDY34],
    "What would 7B+PRM cost?": [PRM7],
    "7B+PRM — or 34B greedy": [PRM7, GREEDY34],
    "7B+PRM, weighted vote, 16 samples each, or 34B greedy": [
        size(7, method="weighted_vote", verifier="PRM", n_samples=16),
        GREEDY34,
    ],
    "7B greedy or majority@32": [
        size(7, method="greedy"),
        size(7, method="majority_vote", n_samples=32),
    ],
    "greedy or majority@16 with 8B": [
        size(8, method="greedy"),
        size(8, method="majority_vote", n_samples=16),
    ],
    "7B + PRM + majority vote": [size(7, method="weighted_vote", verifier="PRM")],
    "350M or 1.5B": [size(0.35), size(1.5)],
    "1.5 billion parameters or 7 B": [size(1.5), size(7)],
    "  7B\n\tor   34B  ": PLAIN,
}

FIGURE_TEXTS: dict[str, dict[str, object]] = {
    "at 1M queries/day": {"queries_per_day": 1e6},
    "at 1m queries/day": {"queries_per_day": 1e6},
    ", 40 qps": {"queries_per_day": 40 * DAY_S},
    "@ 40 qps": {"queries_per_day": 40 * DAY_S},
    "40qps": {"queries_per_day": 40 * DAY_S},
    "at 250k requests per day": {"queries_per_day": 250e3},
    "for 1 million queries a day": {"queries_per_day": 1e6},
    "with 500 user requests an hour": {"queries_per_day": 12e3},
    "at 1,000,000 questions daily": {"queries_per_day": 1e6},
    "at 1M/day": {"queries_per_day": 1e6},
    "on H100 at $2.50/h": {"accelerator": "H100", "usd_per_gpu_hour": 2.5},
    "on an A100 80GB for $1.80 per GPU-hour": {
        "accelerator": "A100 80GB",
        "usd_per_gpu_hour": 1.8,
    },
    "on H100s, $2.50 per GPU per hour": {"accelerator": "H100", "usd_per_gpu_hour": 2.5},
    "using RTX 4090 GPUs at 0.40 $/hour": {"accelerator": "RTX 4090", "usd_per_gpu_hour": 0.4},
    "on the MI300X": {"accelerator": "MI300X"},
    "under $500/day": {"budget_usd_per_day": 500},
    "with a budget of $15k/month": {"budget_usd_per_day": 15e3 * 12 / 365},
    "spending at most 500 dollars a day": {"budget_usd_per_day": 500},
    "budget $20/h on H100 at $2.50/h": {
        "budget_usd_per_day": 480,
        "accelerator": "H100",
        "usd_per_gpu_hour": 2.5,
    },
    "$500/day budget on H100 at $2/h": {
        "budget_usd_per_day": 500,
        "accelerator": "H100",
        "usd_per_gpu_hour": 2,
    },
    "for 12 months": {"horizon_days": 365},
    "over 1 year": {"horizon_days": 365},
    "for a year": {"horizon_days": 365},
    "over a 6-month horizon": {"horizon_days": 182.5},
    "at least 40% accuracy": {"min_accuracy": 0.4},
    "with accuracy >= 0.4": {"min_accuracy": 0.4},
    "accuracy ≥ 40 percent": {"min_accuracy": 0.4},
    "at least 0.4 accuracy": {"min_accuracy": 0.4},
    "minimum accuracy 66.2%": {"min_accuracy": 0.662},
    "p95 under 10 s": {"max_latency_p95_s": 10},
    "p95 < 500ms": {"max_latency_p95_s": 0.5},
    "latency below 2 min": {"max_latency_p95_s": 120},
    "within 10 seconds": {"max_latency_p95_s": 10},
    "mix 60% level 1-3, 40% level 4-5": {"mix": {"level 1-3": 0.6, "level 4-5": 0.4}},
    "mix 60% of levels 1–3 and 40% of levels 4–5": {"mix": {"level 1-3": 0.6, "level 4-5": 0.4}},
    "mix level 1-3: 60%, level 4-5: 40%": {"mix": {"level 1-3": 0.6, "level 4-5": 0.4}},
    "mix easy 60%, hard 40%": {"mix": {"easy": 0.6, "hard": 0.4}},
    "60% easy and 40% hard": {"mix": {"easy": 0.6, "hard": 0.4}},
    "at 1M queries/day for 12 months on H100 at $2.50/h under $500/day, p95 under 10 s": {
        "queries_per_day": 1e6,
        "horizon_days": 365,
        "accelerator": "H100",
        "usd_per_gpu_hour": 2.5,
        "budget_usd_per_day": 500,
        "max_latency_p95_s": 10,
    },
}


@pytest.mark.parametrize("text", SIDES)
def test_sides_are_understood(text: str) -> None:
    assert [said_of(side) for side in parse_question(text).sides] == SIDES[text]


@pytest.mark.parametrize("figure", FIGURE_TEXTS)
def test_figures_are_understood_after_the_sides(figure: str) -> None:
    question = parse_question(f"7B or 34B {figure}")
    assert [said_of(side) for side in question.sides] == PLAIN
    assert figures_of(question) == pytest.approx(flat(FIGURE_TEXTS[figure]))


@pytest.mark.parametrize("figure", [f for f in FIGURE_TEXTS if f[0] not in ",@"])
def test_figures_are_understood_before_the_sides(figure: str) -> None:
    question = parse_question(f"{figure}, should we use 7B or 34B?")
    assert [said_of(side) for side in question.sides] == PLAIN
    assert figures_of(question) == pytest.approx(flat(FIGURE_TEXTS[figure]))


REFUSED: dict[str, tuple[str, str]] = {
    # text: (the piece that the carets must stand under, a piece of the message)
    "34B gredy or 7B": ("gredy", "did you mean greedy?"),
    "7B+PRM at 1M quries/day": ("quries", "did you mean queries?"),
    "7B majorty@8": ("majorty", "did you mean majority?"),
    "7B 34B": ("34B", 'put "or"'),
    "7B wonderful or 34B": ("wonderful", "second model"),
    "asdf qwer or 7B": ("qwer", "second model"),
    "7B or 34B at 1M queries": ("1M queries", "names no period"),
    "7B or 34B at 1M": ("1M", "of what?"),
    "7B or 34B for 12m": ("12m", "for 12 months"),
    "7B or 34B at 1MM queries/day": ("1MM queries/day", "ambiguous"),
    "7B or 34B at 0 qps": ("0 qps", "above zero"),
    "7B or 34B at -5 qps": ("-5 qps", "negative"),
    "7B or 34B at 5 qps and 10 qps": ("10 qps", "named twice"),
    "7B or 34B under $500": ("$500", "for what time?"),
    "7B or 34B at least $500/day": ("$500/day", "the most to spend"),
    "7B or 34B at €2/h": ("€", "US dollars"),
    "7B pass@64 or 34B": ("pass@64", "perfect verifier and cannot be bought"),
    "oracle 7B or 34B": ("oracle", "perfect verifier and cannot be bought"),
    "7B coverage@64 or 34B": ("coverage", "perfect verifier and cannot be bought"),
    "7B or 34B greedy@16": ("34B greedy@16", "takes one answer"),
    "7B greedy with PRM": ("7B greedy with PRM", "nothing for a verifier to choose from"),
    "7B majority best of 16": ("best of ", "two methods"),
    "7B+PRM+ORM": ("+ORM", "two verifiers"),
    "7B or 34B p99 under 10 s": ("p99", "95th percentile"),
    "7B or 34B with p95 over 10 s": ("10 s", "capped"),
    "7B or 34B under 40% accuracy": ("40% accuracy", "floor"),
    "7B or 34B, accuracy of 66": ("66", "more than 1"),
    "7B or 34B mix 60% easy, 30% hard": ("60% easy, 30% hard", "add up to 90%"),
    "7B or 34B mix 60% easy, 40% easy": ("60% easy, 40% easy", "two shares"),
    "7B or 34B on 8 H100s": ("8", "worked out"),
    "7B or 34B on H100 or A100": ("A100", "two accelerators"),
    "7B/34B": ("34B", "a period must follow"),
    "7B+ or 34B": ("or", 'must follow "+"'),
    "7B or 34B at queries/day": ("queries", "how many queries?"),
    "7B or 34B, mix 60% level": ("", "which level?"),
    "7B or 7B": ("7B", "the same"),
    "1M queries/day": ("1M queries/day", "no model is named"),
    "or": ("or", "no model is named"),
    "what is the cheapest way to reach 50% at 1M queries a day": (
        "what is the cheapest way to reach 50% at 1M queries a day",
        "no model is named",
    ),
    "0B or 34B": ("0B", "above zero"),
    "7B@0": ("0", "whole, from 1"),
    "7B@1.5": ("1.5", "whole, from 1"),
    "7B, 8B, 9B, 10B, 11B, 12B, 13B": ("13B", "at most 6"),
    "7B or 34B under": ("under", "no figure"),
    "7B or 34B # comment": ("#", "character"),
    "7B or 34B in 12 h": ("12 h", "latency or a horizon?"),
}


def carets_of(message: str) -> list[tuple[str, int, str]]:
    """The question line, the column of the carets in it and the piece above them, of each."""
    lines = message.splitlines()
    found = []
    for shown, carets in pairwise(lines):
        if carets.strip() and set(carets.strip()) == {"^"}:
            start, end = carets.index("^"), len(carets)
            found.append((shown, start, shown[start:end]))
    return found


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_not_understood_is_pointed_at(text: str) -> None:
    piece, said = REFUSED[text]
    with pytest.raises(InputError) as refused:
        parse_question(text)
    message = str(refused.value)
    pointed = carets_of(message)
    # A piece that occurs twice is wrong at its second place; an empty one at the end.
    column = text.rindex(piece) if piece else len(text)
    assert (text, piece.strip()) in [(line.strip(), at.strip()) for line, _, at in pointed]
    assert column in [start - 8 for _, start, _ in pointed]
    assert said in message


def test_every_misspelling_is_reported_at_once() -> None:
    with pytest.raises(InputError) as refused:
        parse_question("7B gredy or 34B majorty at 1M quries/day")
    assert len(refused.value.problems) == 3


def test_every_wrong_figure_is_reported_at_once_in_order() -> None:
    with pytest.raises(InputError) as refused:
        parse_question("7B@0 or 34B at 0 qps under $0/day")
    columns = [int(problem.where.rsplit(" ", 1)[1]) for problem in refused.value.problems]
    assert columns == sorted(columns)
    assert len(columns) == 3


@pytest.mark.parametrize("text", ["", "   ", "\n", "?", "7B " * 5000, "x" * 10_000, "(" * 10_000])
def test_nothing_and_far_too_much_are_refused_quickly(text: str) -> None:
    start = time.perf_counter()
    with pytest.raises(InputError) as refused:
        parse_question(text)
    assert time.perf_counter() - start < 2
    assert len(str(refused.value)) < 800


def test_a_long_question_is_shown_in_part_with_the_carets_in_place() -> None:
    text = "should we use " * 12 + "34B gredy" + " at 40 qps please" * 3
    with pytest.raises(InputError) as refused:
        parse_question(text)
    [(shown, _, piece)] = carets_of(str(refused.value))
    assert piece == "gredy"
    assert len(shown) < 120


def test_carets_stand_right_after_wide_characters() -> None:
    with pytest.raises(InputError) as refused:
        parse_question('"模型" gredy')
    line, carets = str(refused.value).splitlines()[2:4]
    # Two wide characters take two columns each, and are one character each.
    assert carets.index("^") == line.index("gredy") + 2


def test_spans_are_the_columns_of_the_sides() -> None:
    text = "Should we use 7B+PRM@16 or 34B greedy at 1M queries/day?"
    first, second = parse_question(text).sides
    assert text[slice(*first.span)] == first.text == "7B+PRM@16"
    assert text[slice(*second.span)] == second.text == "34B greedy"


def test_a_vote_with_a_verifier_is_noted_as_a_weighted_vote() -> None:
    [note] = parse_question("7B majority@8 with PRM").notes
    assert note.code == "vote_with_verifier"


def test_a_mix_adds_up_to_one_exactly() -> None:
    mix = parse_question("7B, mix 33% easy, 33% medium, 33.5% hard").mix
    assert mix is not None
    assert sum(mix.values()) == pytest.approx(1, abs=1e-12)


def test_every_method_that_can_be_asked_for_goes_by_its_name() -> None:
    for name, method in METHODS.items():
        if name == "human":
            continue
        text = f"7B {name.replace('_', ' ')}"
        if not method.buyable:
            with pytest.raises(InputError, match="perfect verifier"):
                parse_question(text)
        else:
            assert parse_question(text).sides[0].method == name


def test_words_name_registered_methods_only() -> None:
    assert set(METHOD_WORDS.values()) <= set(METHODS)
    assert all(phrase == phrase.lower() for phrase in PHRASES)
    assert LONGEST_PHRASE <= 6


def test_the_grammar_is_loaded_only_when_a_question_is_parsed() -> None:
    code = "import planner.ask.parse, sys; print({'lark', 'numpy'} & set(sys.modules))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "set()"


PIECES = """
    7B 34b 0B 1M 12m 0.4 40% $2.50 $ / @ + x32 16 >= <= = , ; . ? ( ) - " 1-3 level n pass@64 mix
    best-of- bo16 gpt-oss-20b Llama 3.1 H100 € — × 1e999 -5 qps /day 1MM 99999999999 % %% $$ ++ @@
    7B+PRM@64 a_b 3.1.4 1,0 1_0 12-month µs with on
"""
SOUP = st.one_of(
    st.sampled_from(sorted(PHRASES)), st.sampled_from(PIECES.split()), st.text(max_size=6)
)


@given(st.lists(SOUP, max_size=14), st.sampled_from([" ", ""]))
def test_no_soup_of_words_raises_anything_but_an_input_error(words: list[str], glue: str) -> None:
    text = glue.join(words)
    start = time.perf_counter()
    try:
        question = parse_question(text)
    except InputError:
        question = None
    assert time.perf_counter() - start < 2
    if question is not None:
        assert 1 <= len(question.sides) <= 6
        assert all((side.model is None) != (side.size_b is None) for side in question.sides)
        assert all(text[slice(*side.span)] for side in question.sides)
        figures = figures_of(question)
        assert all(v > 0 for v in figures.values() if isinstance(v, float))


@given(st.text(max_size=MAX_CHARACTERS))
def test_no_text_raises_anything_but_an_input_error(text: str) -> None:
    with contextlib.suppress(InputError):
        parse_question(text)
