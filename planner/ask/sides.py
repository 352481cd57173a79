"""The sides of a question, from what was said of each."""

from __future__ import annotations

from dataclasses import dataclass, field

from planner.ask.caret import pointed
from planner.ask.question import Side
from planner.domain.method import METHODS
from planner.errors import Note, Problem

MAX_SIDES = 6
MAX_SAMPLES = 1_000_000

Span = tuple[int, int]

_TOGETHER = {
    frozenset(["majority_vote", "weighted_vote"]): "weighted_vote",
    frozenset(["best_of_n", "weighted_vote"]): "weighted_vote",
}
"""Two methods said of one side that name a third: "weighted majority", "weighted best-of-n"."""


@dataclass
class Draft:
    """What was said of one side so far."""

    subject: Span | None = None
    size_b: float | None = None
    model: str | None = None
    methods: list[tuple[str, Span]] = field(default_factory=list)
    verifier: str | None = None
    verifier_size_b: float | None = None
    n_samples: int | None = None
    thinking_tokens: int | None = None
    refused: bool = False
    """A problem with it was reported already."""
    spans: list[Span] = field(default_factory=list)

    @property
    def span(self) -> Span:
        """From its first piece to its last."""
        return min(s[0] for s in self.spans), max(s[1] for s in self.spans)


def finish_sides(
    text: str, drafts: list[Draft], problems: list[Problem], notes: list[Note]
) -> tuple[Side, ...]:
    """The sides; what is wrong with them is added to `problems`."""
    if not any(draft.subject for draft in drafts):
        if not problems:
            end = len(text.rstrip())
            span = drafts[0].span if drafts else (0, end)
            remedy = (
                "name a size or a model: 7B+PRM or 34B greedy at 1M queries/day; the best of all"
                " that are measured is for planner solve (planner init writes a scenario to start"
                " from)"
            )
            problems.append(pointed(text, span, "no model is named", remedy))
        return ()
    if len(drafts) > MAX_SIDES:
        what = f"{len(drafts)} sides; at most {MAX_SIDES} are compared at once"
        problems.append(pointed(text, drafts[MAX_SIDES].span, what, "ask in two questions"))
    _inherit_models(drafts)
    sides = [_side(text, draft, problems, notes) for draft in drafts]
    _refuse_twins(text, sides, problems)
    return tuple(sides)


def _inherit_models(drafts: list[Draft]) -> None:
    """A side that names no model has that of the one before it, or of the next that does."""
    named = [draft for draft in drafts if draft.subject is not None]
    last = named[0]
    for draft in drafts:
        if draft.subject is not None:
            last = draft
        draft.model, draft.size_b = last.model, last.size_b


def _side(text: str, draft: Draft, problems: list[Problem], notes: list[Note]) -> Side:
    start, end = draft.span
    side = Side(
        text=" ".join(text[start:end].split()),
        size_b=draft.size_b,
        model=draft.model,
        method=_method(text, draft, problems, notes),
        verifier=draft.verifier,
        verifier_size_b=draft.verifier_size_b,
        n_samples=draft.n_samples,
        thinking_tokens=draft.thinking_tokens,
        span=(start, end),
    )
    _check_fit(text, draft, side, problems)
    return side


def _method(text: str, draft: Draft, problems: list[Problem], notes: list[Note]) -> str | None:
    """The one method that a side's words name; long thinking may be sampled broadly."""
    named = [name for name, _ in draft.methods]
    broad = [name for name in dict.fromkeys(named) if name != "long_cot"]
    if len(broad) > 1:
        together = _TOGETHER.get(frozenset(broad))
        if together is None:
            what = f"two methods on one side: {' and '.join(broad)}"
            remedy = 'put "or" between them, or name one'
            problems.append(pointed(text, draft.methods[-1][1], what, remedy))
            draft.refused = True
        broad = [together or broad[0]]
    if broad == ["majority_vote"] and draft.verifier is not None:
        message = (
            f"{text[slice(*draft.span)]!r}: a vote with a verifier is read as a weighted vote, "
            "in which the verifier's scores are the weights"
        )
        notes.append(Note("vote_with_verifier", message))
        return "weighted_vote"
    if not broad and (named or draft.thinking_tokens):
        wide = draft.n_samples is not None and draft.n_samples > 1
        return "majority_vote" if wide and draft.verifier is None else "long_cot"
    return broad[0] if broad else None


def _check_fit(text: str, draft: Draft, side: Side, problems: list[Problem]) -> None:
    """Refuses a method that does not take the verifier or the samples said of it."""
    if side.method is None or draft.refused:
        return
    method = METHODS[side.method]
    if side.verifier is not None and not (method.verifier or method.deep):
        what = f"{method.label} has nothing for a verifier to choose from"
        problems.append(pointed(text, draft.span, what, "write it like: 7B+PRM@16 or 7B greedy"))
    elif (side.n_samples or 1) > 1 and not method.samples:
        what = f"{method.label} takes one answer, not {side.n_samples}"
        problems.append(pointed(text, draft.span, what, "write it like: 7B majority@16"))


def _refuse_twins(text: str, sides: list[Side], problems: list[Problem]) -> None:
    seen: dict[tuple[object, ...], Side] = {}
    for side in sides:
        key = (
            side.size_b,
            side.model and side.model.casefold(),
            side.method,
            side.verifier,
            side.verifier_size_b,
            side.n_samples,
            side.thinking_tokens,
        )
        if key in seen and not problems:
            what = f"this side and {seen[key].text!r} are the same"
            problems.append(pointed(text, side.span, what, "name two that differ, or one alone"))
        seen.setdefault(key, side)
