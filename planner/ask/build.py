"""From the phrases of a question to its sides and figures."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from planner.ask.figures import Figures, amount_of, span_of, tokens_of
from planner.ask.question import Question
from planner.ask.sides import MAX_SAMPLES, Draft, finish_sides
from planner.ask.spell import plain
from planner.ask.words import KIND_WORDS, METHOD_WORDS, SUGGESTED
from planner.domain.nearest import did_you_mean
from planner.errors import InputError, Note
from planner.units import parse_count, parse_params_b, parse_tokens

if TYPE_CHECKING:
    from lark import Token, Tree

    Part = Tree[Token]

_BOUNDS = ("CAP", "FLOOR", "AT_SIGN", "EQUALS")
"""Leads that promise a figure: one that none follows is pointed at."""


def build_question(text: str, parts: Sequence[Part]) -> Question:
    """The question that a parse tree's parts ask; raises InputError with every problem."""
    builder = _Builder(text)
    for i, part in enumerate(parts):
        builder.read(part, parts[i - 1 : i], parts[i + 1 : i + 2])
    return builder.finish()


class _Builder(Figures):
    """Reads the parts in order: sides as drafts, figures as they are converted."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.notes: list[Note] = []
        self.drafts: list[Draft] = []
        self.current: Draft | None = None
        self.listed = False
        """True after "," or "and": the next model begins a new side."""
        self.before = ""
        """Kind of the phrase before the one being read; `after` of the one after it."""
        self.after = ""
        self.says_accuracy = False
        """True where the phrase that follows is the word accuracy."""

    def read(self, part: Part, before: Sequence[Part], after: Sequence[Part]) -> None:
        """One phrase, and its neighbours where it has them."""
        self.before = "".join(p.data for p in before)
        self.after = "".join(p.data for p in after)
        self.says_accuracy = any(t.type == "ACCURACY" for p in after for t in tokens_of(p))
        read: Callable[[Part], None] = getattr(self, f"_read_{part.data}")
        read(part)

    def finish(self) -> Question:
        """The whole question, or every problem with it."""
        self._close()
        sides = finish_sides(self.text, self.drafts, self.problems, self.notes)
        mix = self.mix()
        if self.problems:
            ordered = sorted(self.problems, key=lambda p: _column(p.where))
            raise InputError(ordered, heading="the question is not understood")
        return Question(
            text=self.text,
            sides=sides,
            mix=mix,
            accelerator=self.accelerator,
            notes=tuple(self.notes),
            queries_per_day=self.figures.get("queries_per_day"),
            horizon_days=self.figures.get("horizon_days"),
            budget_usd_per_day=self.figures.get("budget_usd_per_day"),
            min_accuracy=self.figures.get("min_accuracy"),
            max_latency_p95_s=self.figures.get("max_latency_p95_s"),
            usd_per_gpu_hour=self.figures.get("usd_per_gpu_hour"),
        )

    # Joints

    def _read_or_(self, part: Part) -> None:
        del part
        self._close()

    def _read_and_(self, part: Part) -> None:
        del part
        self.listed = True
        self.leads = [lead for lead in self.leads if lead[0] in _BOUNDS]

    def _read_lead(self, part: Part) -> None:
        token = tokens_of(part)[0]
        if token.type == "OTHER_PERCENTILE":
            self.refuse(part, "only the 95th percentile of latency is planned", "p95 under 10 s")
        self.leads.append((token.type, span_of(part)))

    def _close(self) -> None:
        self._check_leads()
        self.current = None
        self.listed = False

    def _check_leads(self) -> None:
        for kind, span in self.leads:
            if kind in _BOUNDS:
                self.refuse(span, "no figure that is understood follows it", "p95 under 10 s")
        self.leads = []

    # Sides

    def _side(self, part: Part) -> Draft:
        """The side that a method, verifier or number of samples belongs to."""
        self.listed = False
        if self.current is None:
            self.current = Draft()
            self.drafts.append(self.current)
        self.current.spans.append(span_of(part))
        return self.current

    def _new_subject(self, part: Part) -> Draft:
        taken = self.current is not None and self.current.subject is not None
        if taken and not self.listed:
            value = self.text[slice(*span_of(part))]
            guess = did_you_mean(value, SUGGESTED) if value.isalpha() else None
            self.refuse(
                part,
                "a second model without a connective, or a word that is not understood",
                guess or 'put "or" between two sides, and a name of several words in quotes',
                example=False,
            )
        if taken:
            self._close()
        self._check_leads()
        draft = self._side(part)
        draft.subject = span_of(part)
        return draft

    def _read_model(self, part: Part) -> None:
        name = tokens_of(part)[0].value.strip('"').strip()
        if name:
            self._new_subject(part).model = name
        else:
            self.refuse(part, "the name is empty", "7B, gpt-oss-20b")

    def _read_size(self, part: Part) -> None:
        """A number without a unit: what it counts depends on what stands before it."""
        amount = amount_of(part)
        kinds = self.kinds
        scale = re.sub(r"[\d.,_\s+-]", "", amount).lower()
        if scale in ("b", "bn", "billion") or (
            scale in ("m", "mn", "million", "t", "trillion") and not kinds
        ):
            size = self._size(part, amount)
            if size is not None:
                self._new_subject(part).size_b = size
        elif self.after == "accelerator":
            what = "how many GPUs are needed is worked out"
            self.refuse(part, what, "leave the number out: on H100 at $2.50/h", example=False)
        elif self._counts_samples(kinds):
            self._set_samples(part, amount)
        elif "ACCURACY" in kinds or (self.says_accuracy and "FLOOR" in kinds):
            self.set_accuracy(part, amount)
        elif set(kinds) & {"LATENCY", "P95"}:
            self.refuse(part, f"{amount} of what?", "p95 under 10 s, latency below 500 ms")
        elif set(kinds) & {"FOR", "OVER", "HORIZON"}:
            self.refuse(part, f"{amount} of what?", "for 12 months, for 1M queries/day")
        elif "BUDGET" in kinds:
            self.refuse(part, f"{amount} of what?", "$500/day")
        else:
            what = f"{amount} of what?"
            self.refuse(part, what, "7B, 1M queries/day, 16 samples, 40 qps, 10 s")

    def _size(self, part: Part, amount: str) -> float | None:
        size = self.convert(part, parse_params_b, amount)
        if size is not None and size <= 0:
            self.refuse(part, "a size must be above zero", "7B")
            return None
        return size

    def _counts_samples(self, kinds: list[str]) -> bool:
        if self.before in ("method", "verifier", "sized_verifier", "named_verifier"):
            return True
        if not kinds:
            return False
        chooses = self.current is not None and bool(self.current.methods or self.current.verifier)
        return kinds[-1] == "AT_SIGN" or (kinds == ["AT"] and chooses)

    def _read_samples(self, part: Part) -> None:
        self._set_samples(part, amount_of(part))

    def _set_samples(self, part: Part, amount: str) -> None:
        self.leads = []
        n = self.convert(part, parse_count, amount)
        side = self._side(part)
        if n is None:
            return
        if not 1 <= n <= MAX_SAMPLES or n != int(n):
            what = f"a number of samples is whole, from 1 to {MAX_SAMPLES:,}"
            self.refuse(part, what, "7B+PRM@16")
        elif side.n_samples is not None and side.n_samples != int(n):
            self.refuse(part, "two numbers of samples on one side", "7B+PRM@16")
        else:
            side.n_samples = int(n)

    def _read_tokens(self, part: Part) -> None:
        self.leads = []
        tokens = self.convert(part, parse_tokens, amount_of(part))
        side = self._side(part)
        if tokens is not None and (tokens < 1 or tokens != int(tokens)):
            self.refuse(part, "a cap on tokens is a whole number above zero", "4k tokens")
        elif tokens is not None:
            side.thinking_tokens = int(tokens)

    def _read_method(self, part: Part) -> None:
        word = tokens_of(part)[-1].value
        name = METHOD_WORDS.get(plain(word), "best_of_n")
        self._side(part).methods.append((name, span_of(part)))

    def _read_coverage(self, part: Part) -> None:
        k = re.sub(r"\D", "", tokens_of(part)[-1].value)
        if k == "1":
            self._side(part).methods.append(("sampled", span_of(part)))
            return
        self.refuse(
            part,
            "coverage assumes a perfect verifier and cannot be bought",
            "7B+PRM@64, 7B majority@64",
        )
        self._side(part).refused = True

    def _read_verifier(self, part: Part) -> None:
        self._set_verifier(part, KIND_WORDS[plain(tokens_of(part)[-1].value)])

    def _read_sized_verifier(self, part: Part) -> None:
        size = self._size(part, amount_of(part))
        self._set_verifier(part, KIND_WORDS[plain(tokens_of(part)[-1].value)])
        self._side(part).verifier_size_b = size

    def _read_named_verifier(self, part: Part) -> None:
        """After "with" or "+": the verifier, or the model where the method came first."""
        if self.current is None or self.current.subject is None:
            self._new_subject(part).model = tokens_of(part)[-1].value.strip('"').strip()
        else:
            self._set_verifier(part, tokens_of(part)[-1].value.strip('"').strip())

    def _set_verifier(self, part: Part, verifier: str) -> None:
        side = self._side(part)
        if side.verifier is not None and side.verifier != verifier:
            self.refuse(part, "two verifiers on one side", "7B+PRM or 7B+ORM")
        side.verifier = verifier


def _column(where: str) -> int:
    return int(where.rsplit(" ", 1)[-1]) if where[-1].isdigit() else 0
