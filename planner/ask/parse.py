"""A question in words to a `Question`, by a lark grammar (grammar.lark, LALR)."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from planner.ask.caret import pointed
from planner.ask.question import Question
from planner.ask.words import GLUED_UNITS
from planner.errors import InputError, Problem

if TYPE_CHECKING:
    from lark import Lark, Token, UnexpectedToken

EXAMPLE = "7B+PRM or 34B greedy at 1M queries/day"
MAX_CHARACTERS = 1000
_HEADING = "the question is not understood"
_SAME_WIDTH = str.maketrans(
    {
        **dict.fromkeys("‐‑‒–—―−﹣-", "-"),
        **dict.fromkeys("×✕✖⨯", "x"),
        **dict.fromkeys("“”„«»", '"'),
        **dict.fromkeys("’‘`´", "'"),
        "＋": "+",
        "＠": "@",
        "∕": "/",
        "∼": "~",
        "≈": "~",
    }
)
"""Characters read as others, each for one, so that columns stay."""


def parse_question(text: str) -> Question:
    """Understands a question such as "7B+PRM or 34B greedy at 1M queries/day".

    Sides are models (a size such as 7B, or a name) with a method, a verifier and a number of
    samples, joined by "or", "vs" or commas; a side without a model takes that of its neighbour.
    Around them, in any order: volume, horizon, budget a day, accuracy floor, latency cap, mix,
    accelerator and rent. Words that carry nothing are skipped.

    Raises InputError that shows the question with carets under what was not understood.
    """
    from planner.ask.build import build_question

    plain = text.translate(_SAME_WIDTH)
    if not plain.strip():
        raise _refused("the question is empty")
    if len(plain) > MAX_CHARACTERS:
        what = f"it has {len(plain):,} characters, and at most {MAX_CHARACTERS:,} are read"
        raise _refused(what)

    from lark import Tree, UnexpectedToken

    from planner.ask.spell import UnspeltError

    try:
        tree = _parser().parse(plain)
    except UnspeltError as error:
        problems = [pointed(text, *finding) for finding in error.findings]
        raise InputError(problems, heading=_HEADING) from None
    except UnexpectedToken as error:
        raise InputError(_misplaced(text, error), heading=_HEADING) from None
    parts = [part for part in tree.children if isinstance(part, Tree)]
    return build_question(text, parts)


@cache
def _parser() -> Lark:
    from lark import Lark

    from planner.ask.spell import Spelling

    grammar = (files("planner.ask") / "grammar.lark").read_text(encoding="utf-8")
    units = "|".join(sorted(GLUED_UNITS.split(), key=len, reverse=True))
    return Lark(
        grammar.replace("GLUED)", f"{units})"),
        parser="lalr",
        lexer="basic",
        postlex=Spelling(),
        propagate_positions=True,
        maybe_placeholders=False,
    )


def _refused(what: str) -> InputError:
    problem = Problem("the question", what, remedy=f"write it like: {EXAMPLE}")
    return InputError(problem, heading=_HEADING)


_NEEDS_A_NUMBER = {
    "QUERIES": ("how many queries?", "1M queries/day, 40 qps"),
    "RATE": ("how many?", "40 qps"),
    "PERIOD": ("how much, or how many?", "1M queries/day, 12 months, $500/day"),
    "PERIODLY": ("how much, or how many?", "1M queries daily"),
    "SLASH": ('"/" stands between a number and a period', '40/s; between two sides write "or"'),
    "SAMPLES": ("how many samples?", "16 samples"),
    "TIMES_AFTER": ("how many times?", "x32"),
    "TOKENS": ("how many tokens?", "4k tokens"),
    "GPU_HOUR": ("how many dollars?", "$2.50 per GPU-hour"),
    "DOLLAR": ("how many dollars?", "$500/day"),
    "SCALE": ("a number must come before it", "1M queries/day"),
    "PERCENT_WORD": ("a number must come before it", "40%"),
}
_UNFINISHED = (
    ("KIND", 'a verifier or a method must follow "+"', "7B+PRM, 7B + majority vote"),
    ("PERIOD", "a period must follow here", "queries/day, $500/day, $2.50/h"),
    ("RANGE", "which level?", "level 1-3"),
    ("EQUALS", "a number must follow", "n = 16"),
    ("PERCENT", "its share must follow", "60% level 1-3, 40% level 4-5"),
    ("BUCKET", "whose share?", "60% level 1-3, 40% level 4-5"),
    ("NUMBER", "a number must follow", "n = 16, $500/day"),
)
"""(terminal that could follow, what to say, examples), the most telling first."""


def _misplaced(text: str, error: UnexpectedToken) -> Problem:
    token: Token = error.token
    accepts = set(error.accepts)
    at_end = token.type == "$END"
    end = len(text.rstrip())
    span = (end, end) if at_end else (token.start_pos or 0, token.end_pos or 0)
    begins = {"MODEL", "METHOD", "OR"} <= accepts
    if begins and token.type in _NEEDS_A_NUMBER:
        what, example = _NEEDS_A_NUMBER[token.type]
        return pointed(text, span, what, f"write it like: {example}")
    if not begins:
        for terminal, what, example in _UNFINISHED:
            if terminal in accepts:
                return pointed(text, span, what, f"write it like: {example}")
    seen = "the question ends too soon" if at_end else f"{_short(token)} is out of place here"
    return pointed(text, span, seen, f"write it like: {EXAMPLE}")


def _short(token: Token) -> str:
    return repr(re.sub(r"\s+", " ", str(token)))
