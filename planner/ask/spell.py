"""Between lexer and parser: turns words into terminals, and puts names together.

A word of the vocabulary becomes its terminal. Other words are names: "Llama 3.1 8B Instruct" is
one MODEL, "H100" after "on" an ACCELERATOR, "hard" after a percentage a BUCKET. A word that is
nearly one of the vocabulary is a misspelling, and no name: it is reported, all of them at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import TYPE_CHECKING

from planner.ask.words import (
    KNOWN_WORDS,
    LONGEST_PHRASE,
    NAME_ENDINGS,
    PHRASES,
    SUGGESTED,
)

if TYPE_CHECKING:
    from lark import Token

Span = tuple[int, int]

MISSPELT = 0.8
"""Share of letters in common (difflib's ratio) from which a word is taken for a misspelling."""
_NAME_TOKENS = 6
_STEADY = {
    "BEST_OF": "METHOD",
    "DOLLAR_SIGN": "DOLLAR",
    "PLUS_SIGN": "PLUS",
    "FLOOR_SIGN": "FLOOR",
    "CAP_SIGN": "CAP",
    "COMMA": "AND",
}
_ACCELERATOR = re.compile(
    r"(?:nvidia[ -]|amd[ -])?(?:[abhv]\d00s?|l40s?|g[bh]200|mi\d{3}x?|rtx|tpu)(?:[ -].*)?",
    re.IGNORECASE,
)
_SIZE_PIECE = re.compile(r"\d+(?:\.\d+)?b", re.IGNORECASE)


class Spelling:
    """The step that lark runs between its lexer and its parser."""

    always_accept = (
        "WORD", "STOP", "STRANGE", "COMMA", "BEST_OF", "DOLLAR_SIGN", "PLUS_SIGN", "FLOOR_SIGN",
        "CAP_SIGN",
    )  # fmt: skip
    """Terminals that only this step sees: lark drops unused ones otherwise."""

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        """Tokens of the lexer to tokens of the grammar. Raises UnspeltError for unknown words."""
        tokens = _phrases([piece for token in stream for piece in _pieces(token)])
        tokens = _names(tokens)
        findings = [found for token in tokens if (found := _finding(token)) is not None]
        if findings:
            raise UnspeltError(findings)
        return iter(_dropped(_roles(tokens)))


class UnspeltError(Exception):
    """Words and characters that are not understood: span, what to say, remedy, of each."""

    def __init__(self, findings: Sequence[tuple[Span, str, str]]) -> None:
        super().__init__(*(what for _, what, _ in findings))
        self.findings = tuple(findings)


def _finding(token: Token) -> tuple[Span, str, str] | None:
    span = token.start_pos or 0, token.end_pos or 0
    if token.type == "STRANGE":
        currency = token.value in "€£¥₹"
        remedy = "prices are in US dollars: $2.50/h" if currency else "leave it out"
        return span, "this character is not understood", remedy
    if token.type == "MISSPELT":
        remedy = f"did you mean {_near_miss(token.value)}? (a model's name may stand in quotes)"
        return span, f"{token.value!r} is not understood", remedy
    return None


def plain(word: str) -> str:
    """A phrase as the vocabulary holds it: lower case, single spaces for dashes."""
    return " ".join(re.sub(r"[_-]", " ", word).casefold().split())


def _retag(token: Token, terminal: str) -> Token:
    return token.update(type=terminal)


def _merged(tokens: Sequence[Token], terminal: str) -> Token:
    from lark import Token

    return Token(
        terminal,
        " ".join(token.value for token in tokens if token.type != "STOP"),
        start_pos=tokens[0].start_pos,
        end_pos=tokens[-1].end_pos,
    )


def _pieces(token: Token) -> Iterator[Token]:
    """A word of several known words ("PRM-weighted", "34B-greedy") as these words."""
    from lark import Token

    parts = re.split(r"[-_]", token.value)
    known = [p.casefold() in KNOWN_WORDS for p in parts]
    size_first = _SIZE_PIECE.fullmatch(parts[0]) is not None and all(known[1:])
    if token.type != "WORD" or len(parts) == 1 or not (all(known) or size_first):
        yield _retag(token, _STEADY.get(token.type, token.type))
        return
    at = token.start_pos or 0
    for i, part in enumerate(parts):
        terminal = "SCALED" if i == 0 and size_first else "WORD"
        yield Token(terminal, part, start_pos=at, end_pos=at + len(part))
        at += len(part) + 1


def _phrases(tokens: list[Token]) -> list[Token]:
    """Words of the vocabulary as their terminals, the longest phrase first."""
    spelt: list[Token] = []
    i = 0
    while i < len(tokens):
        span = next(
            (
                n
                for n in range(min(LONGEST_PHRASE, len(tokens) - i), 0, -1)
                if tokens[i].type in ("WORD", "NUMBER")
                and plain(" ".join(t.value for t in tokens[i : i + n])) in PHRASES
            ),
            0,
        )
        if span:
            phrase = _merged(tokens[i : i + span], "WORD")
            spelt.append(_retag(phrase, PHRASES[plain(phrase.value)]))
        else:
            spelt.append(tokens[i])
        i += span or 1
    return spelt


def _names(tokens: list[Token]) -> list[Token]:
    """Words outside the vocabulary as MODEL, each name one token, or as MISSPELT."""
    named: list[Token] = []
    i = 0
    while i < len(tokens):
        if tokens[i].type != "WORD":
            named.append(tokens[i])
            i += 1
            continue
        if _near_miss(tokens[i].value) is not None:
            named.append(_retag(tokens[i], "MISSPELT"))
            i += 1
            continue
        end = _end_of_name(tokens, i)
        named.append(_merged(tokens[i:end], "MODEL"))
        i = end
    return named


def _end_of_name(tokens: list[Token], start: int) -> int:
    """One past the last token of the name that starts here.

    A name goes on to the size that ends it ("Llama 3.1 8B"), else to its last word with a digit
    ("DeepSeek R1"), and takes the endings that follow ("Instruct").
    """
    end = start + 1
    for i in range(start, min(len(tokens), start + _NAME_TOKENS)):
        token = tokens[i]
        if token.type == "SCALED" and i > start:
            end = i + 1
            break
        if token.type == "NUMBER" and i > start and not _counts_something(tokens, i):
            end = i + 1
        elif token.type != "WORD" or (i > start and _near_miss(token.value)):
            break
        elif re.search(r"\d", token.value):
            end = i + 1
    while end < len(tokens):
        bracket = tokens[end].value == "("  # "gpt-oss-20b (medium)"
        if not any(_is_ending(token) for token in tokens[end + bracket : end + bracket + 1]):
            break
        end += 1 + bracket
        if bracket and end < len(tokens) and tokens[end].value == ")":
            end += 1
    return end


def _is_ending(token: Token) -> bool:
    return token.type == "WORD" and all(p in NAME_ENDINGS for p in plain(token.value).split())


def _counts_something(tokens: list[Token], i: int) -> bool:
    """True where the number stands before a unit, and so is no part of a name."""
    after = tokens[i + 1].type if i + 1 < len(tokens) else ""
    return after in (
        "QUERIES", "PER", "SLASH", "PERIOD", "PERIODLY", "RATE", "SCALE", "PERCENT_WORD", "DOLLAR",
        "SAMPLES", "TOKENS", "TIMES_AFTER", "ARTICLE", "ACCURACY",
    )  # fmt: skip


@lru_cache(maxsize=2048)
def _near_miss(word: str) -> str | None:
    """The word of the vocabulary that this one is a misspelling of; None for a name."""
    wanted = plain(word)
    if len(wanted) < 4 or not wanted.replace(" ", "").isalpha() or wanted in NAME_ENDINGS:
        return None
    best, found = 0.0, None
    matcher = SequenceMatcher(None, autojunk=False)
    matcher.set_seq2(wanted)
    for known in SUGGESTED:
        matcher.set_seq1(known)
        # The two quick ratios are upper bounds: most words fall at the first.
        if matcher.real_quick_ratio() < MISSPELT or matcher.quick_ratio() < MISSPELT:
            continue
        if matcher.ratio() > max(best, MISSPELT - 1e-9):
            best, found = matcher.ratio(), known
    return found


def _roles(tokens: list[Token]) -> list[Token]:
    """Gives names and small words the part that their neighbours make them play."""
    tokens = [
        _retag(t, "ACCELERATOR") if t.type == "MODEL" and _ACCELERATOR.fullmatch(t.value) else t
        for t in tokens
        if t.type not in ("NOISE", "STOP")
    ]
    played: list[Token] = []
    mixing = False
    for i, token in enumerate(tokens):
        before = played[-1].type if played else ""
        after = [t.type for t in tokens[i + 1 : i + 4]] + ["", "", ""]
        mixing = mixing or token.type == "MIX"
        role = token.type
        if token.type == "MODEL":
            if before == "ON":
                role = "ACCELERATOR"
            elif before in ("PERCENT", "PERCENT_WORD") or (mixing and after[0] == "PERCENT"):
                role = "BUCKET"
        elif token.type == "ARTICLE":
            role = "PER" if after[0] in ("PERIOD", "GPU_HOUR") else "ARTICLE"
        elif token.type == "WITH":
            role = "PLUS" if _adds_verifier(after) else "NOISE"
        if role != "ARTICLE":
            played.append(_retag(token, role))
    return played


def _adds_verifier(after: list[str]) -> bool:
    following = [kind for kind in after if kind != "ARTICLE"]
    return following[0] in ("KIND", "MODEL", "QUOTED") or (
        following[0] in ("SCALED", "NUMBER") and following[1] == "KIND"
    )


def _dropped(tokens: list[Token]) -> list[Token]:
    """Leaves out what carries nothing where it stands."""
    kept: list[Token] = []
    for i, token in enumerate(tokens):
        after = tokens[i + 1].type if i + 1 < len(tokens) else ""
        if token.type in ("NOISE", "ON"):
            continue
        if token.type == "PER" and after not in ("PERIOD", "GPU_HOUR", "PER", "SLASH"):
            continue
        if token.type == "NUMBER_OF" and after != "EQUALS":
            continue
        kept.append(token)
    return kept
