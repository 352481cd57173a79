"""The vocabulary of questions: which words stand for which terminal of grammar.lark.

A word that is not here is part of a model's name. To teach the planner a synonym, add it to a
row; phrases of several words are matched before single words, and a dash joins like a space.
"""

from __future__ import annotations

from planner.ask.question import ANY_VERIFIER
from planner.domain.method import METHODS

METHOD_WORDS: dict[str, str] = {
    # Every method goes by its own name; `human` has no model and is no side of a question.
    **{name.replace("_", " "): name for name in METHODS if name != "human"},
    "greedily": "greedy",
    "one sample": "sampled",
    "single sample": "sampled",
    "majority": "majority_vote",
    "majority voting": "majority_vote",
    "maj": "majority_vote",
    "vote": "majority_vote",
    "voting": "majority_vote",
    "self consistency": "majority_vote",
    "cons": "majority_vote",
    "weighted": "weighted_vote",
    "weighted voting": "weighted_vote",
    "weighted majority": "weighted_vote",
    "weighted majority vote": "weighted_vote",
    "weighted majority voting": "weighted_vote",
    "reranking": "best_of_n",
    "rerank": "best_of_n",
    "bon": "best_of_n",
    "tree search": "rebase",
    "beam": "beam_search",
    "revisions": "revision",
    "sequential revision": "revision",
    "sequential revisions": "revision",
    "self refine": "refine",
    "refinement": "refine",
    "long thinking": "long_cot",
    "thinking": "long_cot",
    "long reasoning": "long_cot",
    "long chain of thought": "long_cot",
}
"""Phrase -> method."""

COVERAGE_WORDS = ("oracle", "oracle best of n", "coverage", "perfect verifier", "pass@k")
"""Asked for coverage, which cannot be bought."""

KIND_WORDS: dict[str, str] = {
    "prm": "PRM",
    "prms": "PRM",
    "process reward model": "PRM",
    "process verifier": "PRM",
    "process supervision": "PRM",
    "orm": "ORM",
    "orms": "ORM",
    "outcome reward model": "ORM",
    "outcome verifier": "ORM",
    "oprm": "OPRM",
    "genrm": "GenRM",
    "generative verifier": "GenRM",
    "generative reward model": "GenRM",
    "verifier": ANY_VERIFIER,
    "a verifier": ANY_VERIFIER,
    "reward model": ANY_VERIFIER,
    "rm": ANY_VERIFIER,
}
"""Phrase -> kind of verifier."""

SECOND_WORDS = "ms msec millisecond milliseconds s sec secs second seconds"
PERIOD_WORDS = (
    f"{SECOND_WORDS} min mins minute minutes h hr hrs hour hours d day days w wk week weeks "
    "mo month months y yr yrs year years annum"
)
GLUED_UNITS = f"{PERIOD_WORDS} qps rps qpm rpm qpd rpd tok tokens x"
"""Units that may follow a number without a space."""

_WORDS: dict[str, str] = {
    "OR": "or vs versus against than instead-of rather-than compared-to compared-with",
    "AND": "and",
    "PLUS": "plus",
    "WITH": "with using via by",
    "ON": "on",
    "AT": "at",
    "FOR": "for during",
    "OVER": "over above beyond",
    "CAP": "under below within at-most less-than no-more-than not-more-than up-to max maximum cap "
    "capped",
    "FLOOR": "at-least more-than no-less-than not-less-than minimum floor least",
    "ACCURACY": "accuracy accurate correct right min-accuracy accuracy-floor",
    "LATENCY": "latency response-time delay latency-cap max-latency",
    "P95": "p95 95th-percentile",
    "OTHER_PERCENTILE": "p50 p90 p99 median-latency mean-latency average-latency",
    "BUDGET": "budget spend spending",
    "HORIZON": "horizon",
    "MIX": "mix mixed",
    "QUERIES": "queries query questions question q requests request reqs req calls call prompts "
    "prompt",
    "PER": "per every each",
    "ARTICLE": "a an",
    "PERIODLY": "hourly daily weekly monthly yearly",
    "RATE": "qps rps qpm rpm qpd rpd",
    "PERIOD": PERIOD_WORDS,
    "GPU_HOUR": "gpu-hour gpu-hr gpu-h gpuh per-gpu-hour per-gpu-hr per-gpu-h",
    "SCALE": "k thousand m mn million b bn billion trillion",
    "PERCENT_WORD": "percent per-cent",
    "DOLLAR": "usd dollar dollars",
    "SAMPLES": "samples sample votes generations tries attempts rollouts candidates solutions "
    "beams times",
    "TOKENS": "tokens token tok thinking-tokens thinking-token",
    "LEVEL": "level levels",
    "NUMBER_OF": "n k",
    "NOISE": "is are it its it's should would could can will do does did we i us our my you me "
    "the this that these those to of in as be being been if when while then so use used run "
    "running serve serving served deploy choose pick buy have has having get getting want wants "
    "need needs handle handling better best good cheaper cheapest cheap worth which what "
    "what's whether how much many cost costs price prices priced rent renting please compare "
    "compared comparison comparing between traffic volume load user users incoming about around "
    "roughly approximately approx total overall model models llm llms parameter parameters param "
    "params gpu gpus size sized decoding decode sampling inference go going pay paying make sense "
    "more less faster fewer given assuming assume just only there not no both either one enough "
    "hello hi let let's tell say know think wins win winner beat beats help percentile chosen "
    "taking take from was were picks way ways reach reaches reaching per-gpu per-query per-request "
    "per-question per-correct-answer lower no yes target selection selected ranked scored",
}

PHRASES: dict[str, str] = {
    **{
        phrase.replace("-", " "): terminal
        for terminal, row in _WORDS.items()
        for phrase in row.split()
    },
    **dict.fromkeys(METHOD_WORDS, "METHOD"),
    **dict.fromkeys(KIND_WORDS, "KIND"),
    **dict.fromkeys(COVERAGE_WORDS, "COVERAGE"),
}
"""Phrase, lower case with single spaces -> terminal."""
LONGEST_PHRASE = max(len(phrase.split()) for phrase in PHRASES)
KNOWN_WORDS = frozenset(word for phrase in PHRASES for word in phrase.split())

SUGGESTED = tuple(
    sorted(
        word
        for word, terminal in PHRASES.items()
        if terminal not in ("NOISE", "SCALE", "ARTICLE") and len(word) >= 3 and " " not in word
    )
)
"""Words worth suggesting for a misspelt one."""

_ENDINGS = """
    instruct chat it hf base sft tir coder code math maths preview distill metamath pro flash mini
    large medium small nano micro turbo ultra opus sonnet haiku lite high low exp
    sxm sxm4 sxm5 pcie nvl v1 v2 v3
"""
NAME_ENDINGS = frozenset(_ENDINGS.split())
"""Words that may follow the size in a model's name: "Qwen 2.5 7B Instruct"."""
