"""What is said of a choice among measured models, and where none fits."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from planner.ask.caret import pointed
from planner.ask.matching import Model
from planner.ask.question import ANY_VERIFIER, Question, Side
from planner.ask.variants import Measured, Variant, method_fit
from planner.domain.method import METHODS
from planner.domain.nearest import did_you_mean
from planner.errors import Note, Problem

_TO_ITS_SIZE = re.compile(r".*?\d(?:\.\d+)?b(?![a-z])")
SET_CHOICE = "question_set_choice"
"""Code of the note that one question set was taken of several."""
MANY = 8
"""Names or lines listed before "and more"."""


def nothing_measured(
    question: Question, side: Side, measured: Measured, names: Sequence[str], skipped: set[str]
) -> Problem:
    """Says what is measured where nothing fits a side: models, or methods of the models."""
    if names:
        cap = side.thinking_tokens
        capped = "" if cap is None else f" with a cap of {cap} thinking tokens"
        what = f"{side.text!r} is not measured{capped}"
        return pointed(question.text, side.span, what, _what_is_measured(measured, names))
    if skipped:
        what = f"every {_size(side)} that is measured is RL-tuned, and these are not taken unasked"
        return pointed(question.text, side.span, what, f"name one: {_listed(sorted(skipped))}")
    if side.model is not None:
        what = f"no model called {side.model!r} is measured"
        beginnings = [m[0] for n in measured.models if (m := _TO_ITS_SIZE.match(n))]
        close = did_you_mean(side.model, [*measured.models, *beginnings])
        some = f"measured are {_listed(list(measured.models))}"
        return pointed(question.text, side.span, what, close or some)
    sizes = sorted({m.params_b for m in measured.models.values() if m.params_b is not None})
    what = f"no {_size(side)} model is measured"
    known = f"measured sizes: {', '.join(f'{size:g}B' for size in sizes)}"
    remedy = known if sizes else f"measured are {_listed(list(measured.models))}"
    return pointed(question.text, side.span, what, f"{remedy}; --data adds your own measurements")


def nothing_in_common(question: Question, pools: Sequence[Sequence[Variant]]) -> Problem:
    """Says on which question sets each side is measured, where they share none."""
    lines = [
        f"{side.text}: {_listed(sorted({v.question_set for v in pool}))}"
        for side, pool in zip(question.sides, pools, strict=True)
    ]
    span = (question.sides[0].span[0], question.sides[-1].span[1])
    remedy = f"{'; '.join(lines)}. Give --data that measures all sides on the same questions"
    what = "the sides are not measured on the same questions (or not in the same buckets)"
    return pointed(question.text, span, what, remedy)


def _what_is_measured(measured: Measured, names: Sequence[str]) -> str:
    groups: dict[tuple[str, str, str | None], tuple[set[int], set[int]]] = {}
    for name in names:
        for place in measured.places[name]:
            row = place.row
            counts, caps = groups.setdefault((name, row.method, row.verifier), (set(), set()))
            counts.add(row.n_samples)
            caps.update([] if row.thinking_tokens is None else [row.thinking_tokens])
    lines = []
    for (name, method, verifier), (counts, caps) in groups.items():
        by = "" if verifier is None else f" by {verifier}"
        at = "" if caps == set() else f", thinking tokens {_numbers(caps)}"
        lines.append(f"{name}: {METHODS[method].label}{by}, n = {_numbers(counts)}{at}")
    more = [f"and {len(lines) - MANY} more"] if len(lines) > MANY else []
    return "measured are: " + "; ".join([*lines[:MANY], *more])


def _numbers(values: set[int]) -> str:
    ordered = sorted(values)
    if len(ordered) <= 4:
        return ", ".join(map(str, ordered))
    return f"{ordered[0]} to {ordered[-1]} ({len(ordered)} points)"


def why_not(
    chosen: Sequence[Variant], i: int, pool: Sequence[Variant], name: str, *, skipped: bool
) -> str:
    """Why the model of that name, which fits side i too, was not taken, in half a sentence."""
    taken = chosen[i]
    others = [v for v in pool if v.model.name == name]
    if skipped:
        return "RL-tuned, taken only when named"
    if not others:
        return f"no measured {_way(taken)}"
    here = [v for v in others if v.question_set == taken.question_set]
    if not here:
        return f"not measured on {taken.question_set}"
    other = min(here, key=lambda v: (v.bridged, v.rank, -v.points))
    partners = [v.model for j, v in enumerate(chosen) if j != i]
    for reason in (
        other.rank[0] > taken.rank[0] and "a farther name",
        other.rank[1] > taken.rank[1] and _less_plain(other.model),
        other.bridged and not taken.bridged and f"measured on {other.places[0].question_set} only",
        other.rank[2] > taken.rank[2] and f"no measured {METHODS[taken.method].label}",
        other.rank[3] > taken.rank[3] and "not measured at that n",
        _unlike(other.model, taken.model, partners),
        other.rank[4] > taken.rank[4] and "its verifier is of another size or family",
        other.evidence < taken.evidence and "fewer measured answers",
    ):
        if reason:
            return reason
    return "measured alike; name it to take it"


def _less_plain(model: Model) -> str:
    if model.uses_tools:
        return "answers with tools, whose cost is not known"
    return f"{model.tuning}; plain models come first"


def _unlike(other: Model, taken: Model, partners: Sequence[Model]) -> str | None:
    for partner in (p for p in partners if p.name != taken.name):
        if taken.recipe == partner.recipe != other.recipe:
            return f"tuned otherwise than {partner.name}"
        if taken.family == partner.family != other.family:
            return f"of another family than {partner.name}"
    return None


def side_notes(
    side: Side, taken: Variant, alternatives: Mapping[str, str], *, again: bool
) -> list[Note]:
    """Every choice made for a side: model (unless told before), method, verifier, question set."""
    notes = []
    if not again and taken.model.name != side.model and (side.model is None or alternatives):
        reasons = dict.fromkeys(alternatives.values())
        others = "; ".join(
            f"{_listed([name for name, why in alternatives.items() if why == reason])} ({reason})"
            for reason in reasons
        )
        only = "the only measured model that fits"
        fits = f"others that fit: {others}" if others else only
        what = f"{_asked(side)} is taken as {taken.model.name} ({taken.model.tuning}); {fits}."
        notes.append(Note("model_choice", what))
    if side.method is None:
        notes.append(Note("method_choice", _method_note(side, taken)))
    if taken.verifier is not None and taken.verifier != side.verifier:
        kind = "no verifier named" if side.verifier in (None, ANY_VERIFIER) else side.verifier
        message = f"{side.text}: {kind}; taken is {taken.verifier}."
        notes.append(Note("verifier_choice", message))
    if taken.bridged:
        larger = taken.places[0].question_set
        message = (
            f"{taken.model.name}, {METHODS[taken.method].label}, is measured on {larger} and not "
            f"on {taken.question_set}, which was taken from it: the number of the larger set "
            "stands for the smaller one. This is an assumption."
        )
        notes.append(Note("question_set_bridge", message))
    return notes


def _method_note(side: Side, taken: Variant) -> str:
    label = METHODS[taken.method].label
    if side.verifier is not None:
        first = (
            "" if method_fit(side, taken.method) == 0 else ", since no weighted vote is measured"
        )
        return f"{side.text}: a verifier without a method is taken as {label}{first}."
    if taken.method == "majority_vote":
        return f"{side.text}: {side.n_samples} samples without a verifier are a majority vote."
    first = "" if taken.method == "greedy" else ", since greedy is not measured"
    return f"{side.text}: no method is named; taken is {label}{first}."


def other_sets_note(chosen: Sequence[Variant], others: Sequence[str]) -> Note:
    """Which question set was taken where the sides are measured on several."""
    message = (
        f"All sides are measured on {_listed([chosen[0].question_set, *others])}; "
        f"{chosen[0].question_set} is taken first."
    )
    return Note(SET_CHOICE, message)


def _way(taken: Variant) -> str:
    label = METHODS[taken.method].label
    return label if taken.verifier is None else f"{label} with such a verifier"


def _size(side: Side) -> str:
    return f"{side.size_b:g}B" if side.size_b is not None else str(side.model)


def _asked(side: Side) -> str:
    return _size(side) if side.model is None else repr(side.model)


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - MANY} more" if len(names) > MANY else ""
    return ", ".join(names[:MANY]) + more
