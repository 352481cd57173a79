"""Which measured models and verifiers the words of a question fit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from planner.ask.question import ANY_VERIFIER, VERIFIER_KINDS, Side
from planner.domain.card import ModelCard, Tuning, VerifierCard
from planner.domain.cardbook import CardBook
from planner.domain.observation import Observation
from planner.errors import InputError

SIZE_TOLERANCE = 0.03
"""Relative difference up to which the nearest nominal size stands for the one asked for."""

_WORDS = re.compile(r"\d+(?:\.\d+)?b(?![a-z])|\d+(?:\.\d+)?|[a-z]+")
_SIZE = re.compile(r"\d+(?:\.\d+)?b")
_RL_WORDS = frozenset(
    ["rl", "ppo", "dpo", "grpo", "rloo", "rlhf", "rlvr", "orpo", "kto", "rest", "reinforce"]
)
_REASONING_WORDS = frozenset(["thinking", "reasoning", "r1", "qwq", "reasoner", "o1", "o3", "o4"])
_PLAIN_FIRST: dict[Tuning, int] = {"base": 0, "sft": 0, "instruct": 0, "reasoning": 1, "rl": 2}


@dataclass(frozen=True)
class Model:
    """A model of the observations, with what is known of it."""

    name: str
    card: ModelCard | None
    params_b: float | None
    """Nominal, billions, as its rows say."""

    @property
    def tuning(self) -> Tuning:
        """Of its card; without one, as its name suggests."""
        if self.card is not None:
            return self.card.tuning
        words = set(name_words(self.name)) | set(re.split(r"[^a-z0-9]+", self.name.lower()))
        if words & _RL_WORDS:
            return "rl"
        return "reasoning" if words & _REASONING_WORDS else "sft"

    @property
    def uses_tools(self) -> bool:
        """True where its name says that it answers with tools, whose cost is not known."""
        return not {"tools", "tir"}.isdisjoint(name_words(self.name))

    @property
    def plain_order(self) -> int:
        """Order of being taken unasked: base, sft and instruct first, then reasoning, then rl;
        within each, those without tools.
        """
        return 2 * _PLAIN_FIRST[self.tuning] + self.uses_tools

    @property
    def family(self) -> str:
        """Of its card; without one, the first word of its name."""
        return self.card.family if self.card is not None else name_words(self.name)[0]

    @property
    def recipe(self) -> tuple[str, ...]:
        """How it was tuned: the words of its name after its size, else its tuning."""
        words = name_words(self.name)
        sized = [i for i, word in enumerate(words) if _SIZE.fullmatch(word)]
        return (words[sized[0] + 1 :] if sized else ()) or (self.tuning,)

    @property
    def plainness(self) -> tuple[int, int]:
        """Order among names that say more than was asked: short ones, and no effort but medium."""
        words = name_words(self.name)
        return len(words), int("high" in words or "low" in words)

    @property
    def title(self) -> str:
        """As its maker writes it, without what stands after a comma or in brackets.

        A card known by another name (gpt-oss-20b for gpt-oss-20b-high) would hide the difference.
        """
        own = self.card is not None and self.card.name == self.name
        title = self.card.title if self.card is not None and own else self.name
        return re.split(r"[,(:]", title)[0].strip() or title


def model_of(name: str, rows: Sequence[Observation], cards: CardBook) -> Model:
    """A model of the observations with its card, where it has one."""
    try:
        card = cards.model(name)
    except InputError:
        card = None
    params = next((row.params_b for row in rows if row.params_b is not None), None)
    return Model(name, card, params)


def verifier_card(name: str, cards: CardBook) -> VerifierCard | None:
    """The card of a verifier of the observations, where it has one."""
    try:
        return cards.verifier(name)
    except InputError:
        return None


@lru_cache(maxsize=4096)
def name_words(name: str) -> tuple[str, ...]:
    """Words, numbers and sizes of a name: "Qwen2.5-7B" is qwen, 2.5, 7b."""
    return tuple(_WORDS.findall(name.casefold())) or (name.casefold(),)


def same_size(params_b: float | None, wanted_b: float) -> bool:
    """True within 3%, the tolerance of nominal sizes."""
    return params_b is not None and abs(params_b - wanted_b) <= SIZE_TOLERANCE * wanted_b


def model_fit(side: Side, model: Model, asked_card: ModelCard | None) -> int | None:
    """How well a model fits a side; 0 is the very name, None does not fit.

    A name fits as itself or an alias (0), as a beginning ("llemma-7b" of llemma-7b-sft, 1), with
    all its words somewhere (2), or as the card or the base that it has (3). A size fits (1)
    by the rows' params_b or the card's nominal size.
    """
    if side.model is None:
        wanted = side.size_b or 0.0
        nominal = None if model.card is None else model.card.nominal_params_b
        return 1 if same_size(model.params_b, wanted) or same_size(nominal, wanted) else None
    asked = name_words(side.model)
    names = [model.name]
    own = model.card is not None and model.card.name == model.name
    if model.card is not None and own:
        names += [model.card.title, *model.card.aliases]
    spelt = [name_words(name) for name in names]
    # A card may stand for several models of the rows (gpt-oss-20b at each effort): only the one
    # of its own name is the very model.
    if asked in spelt or (own and asked_card is model.card):
        return 0
    if any(words[: len(asked)] == asked for words in spelt):
        return 1
    if any(set(asked) <= set(words) for words in spelt):
        return 2
    if asked_card is None or model.card is None:
        return None
    return 3 if asked_card.name in (model.card.name, model.card.architecture) else None


def verifier_kind(name: str, card: VerifierCard | None) -> str | None:
    """PRM, ORM, OPRM or GenRM: of its card, else as its name says."""
    if card is not None:
        return card.kind
    words = name_words(name)
    for kind in ("GenRM", "OPRM", "PRM", "ORM"):
        if kind.lower() in words:
            return kind
    return next((k for k in ("OPRM", "PRM") if any(w.endswith(k.lower()) for w in words)), None)


def verifier_fit(side: Side, row: Observation, model: Model, cards: CardBook) -> int | None:
    """How well a row's verifier fits a side, smaller is better; None does not fit.

    A verifier of the generator's own size and family comes first, and a PRM where the question
    does not say which kind.
    """
    if row.verifier is None:
        return None if side.verifier is not None else 0
    card = verifier_card(row.verifier, cards)
    size = row.verifier_params_b or (None if card is None else card.nominal_params_b)
    if side.verifier_size_b is not None and not same_size(size, side.verifier_size_b):
        return None
    kind = verifier_kind(row.verifier, card)
    order = 0
    if side.verifier in (None, ANY_VERIFIER):
        order = {"PRM": 0, "OPRM": 1, "ORM": 2}.get(kind or "", 3)
    elif side.verifier in VERIFIER_KINDS:
        if kind != side.verifier:
            return None
    elif not _named(side.verifier or "", row.verifier, card):
        return None
    own = model.params_b or (None if model.card is None else model.card.nominal_params_b)
    foreign = own is not None and not same_size(size, own)
    other_family = name_words(row.verifier)[0] != name_words(model.name)[0]
    return 4 * order + 2 * int(foreign) + int(other_family)


def _named(asked: str, name: str, card: VerifierCard | None) -> bool:
    names = [name] if card is None else [name, card.name, card.title, *card.aliases]
    return any(set(name_words(asked)) <= set(name_words(n)) for n in names)
