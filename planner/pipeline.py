"""The verbs, composed: what the command line and `import planner` call.

    observations --fit--> curves --candidates--> options --allocate--> plan
    question --ask--> sides of it --judge--> answer

Each verb reads files, builds the floors below in order, and returns a frozen type.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.errors import InputError, Note, Problem

if TYPE_CHECKING:
    from planner.ask.resolve import ResolvedQuestion
    from planner.cost.terms import Settings, Terms
    from planner.domain.answer import Answer, Criterion
    from planner.domain.scenario import Scenario
    from planner.domain.cardbook import CardBook
    from planner.domain.observation import Observations
    from planner.domain.plan import Frontier, PlanAnswer

DEFAULT_VOLUME = 1_000_000.0
"""Queries a day where the question names none."""


def ask(
    question: str,
    *,
    data: Sequence[Path] = (),
    scenario: Path | None = None,
    settings: Settings | None = None,
    matters: float = 0.05,
    pool: str = "named",
    criterion: Criterion = "cost_at_equal_accuracy",
    train_from_scratch: bool = False,
    models: Path | None = None,
    draws: int = 1000,
    seed: int = 0,
    command: str | None = None,
) -> Answer:
    """Answers a question such as "7B+PRM or 34B greedy at 1M queries/day".

    data: observations CSVs; without any, the published measurements that ship. scenario: a TOML
    whose data, workload and supply serve where the question says nothing. settings: terms given
    beside the question; they win. matters: smallest relative cost difference that counts. pool:
    "named" or "all" models for the best plan. models: folder of the user's cards.

    Raises InputError for a question, file or card that cannot be used.
    """
    from planner.ask import prepare
    from planner.ask.answer import Asked, answer
    from planner.ask.capex import Training
    from planner.ask.parse import parse_question
    from planner.cost.supply import drawn_supply
    from planner.cost.terms import HORIZON_DAYS, LENDER, Settings, supply_terms
    from planner.domain.draws import Draws
    from planner.ingest.cards import load_cards
    from planner.options import Workshop

    if pool not in ("named", "all"):
        raise InputError(Problem("--pool", "unknown pool", value=pool, remedy="write named or all"))
    parsed = parse_question(question)
    cards = load_cards(models)
    scene = None if scenario is None else _scenario(scenario)
    files = data if data or scene is None else scene.data.observations
    observations, resolved = prepare.resolve_on(parsed, files, cards)
    given = (settings or Settings()).over(prepare.question_settings(parsed))
    if scene is not None:
        given = given.over(prepare.scenario_settings(scene))

    stream = Draws(draws, seed)
    parts = prepare.parts_of(resolved, several_sets=bool(files))
    named = dict.fromkeys(side.model for side in resolved.sides)
    kept = set(named) if pool == "named" else None
    curves, curve_notes = prepare.curves_for(parts, observations, stream, kept)
    sets = {part.question_set for part in parts.values()}
    tokens = prepare.measured_tokens(observations, set(named), sets)
    terms = supply_terms(given, cards, tokens)
    supply = drawn_supply(terms.supply, cards.accelerator(LENDER), stream)
    workshop = Workshop(curves, parts, cards, supply)
    sides = tuple(
        (workshop.candidate(s.model, s.method, s.verifier), s.n_samples) for s in resolved.sides
    )
    buyable = list(named) if pool == "named" else workshop.measured_models()
    mix, mix_notes = prepare.asked_mix(parsed, parts)
    volume = parsed.queries_per_day
    if volume is None:
        volume = DEFAULT_VOLUME if scene is None else scene.workload.queries_per_day
    training = None
    if train_from_scratch:
        training = Training(cards, supply, parsed.horizon_days or HORIZON_DAYS)
    asked = Asked(
        text=question,
        sides=sides,
        pool=tuple(c for model in buyable for c in workshop.all_of(model)),
        question_set=workshop.measured_on,
        buckets=prepare.buckets_of(parts),
        mix=mix,
        queries_per_day=volume,
        criterion=criterion,
        matters=matters,
        budget_usd_per_day=parsed.budget_usd_per_day,
        min_accuracy=parsed.min_accuracy,
        max_latency_p95_s=parsed.max_latency_p95_s,
        training=training,
        tokens_measured=tokens is not None,
    )
    notes = (
        *parsed.notes,
        *resolved.notes,
        *observations.notes,
        *curve_notes,
        *mix_notes,
        *terms.notes,
        *supply.notes,
        *workshop.notes,
    )
    grounds = prepare.grounds_of(
        terms,
        notes,
        observations,
        set(named),
        cards,
        stream,
        command or f"planner ask {shlex.quote(question)}",
    )
    return answer(asked, supply, grounds)


def _scenario(path: Path) -> Scenario:
    from planner.ingest.scenario import read_scenario

    return read_scenario(path)


def sample_counts(text: str) -> tuple[int, ...]:
    """ "1,8,64" as ascending whole numbers; raises InputError naming what is not one."""
    found, problems = set(), []
    for part in text.replace(" ", ",").split(","):
        if not part:
            continue
        if part.isdigit() and int(part) >= 1:
            found.add(int(part))
        else:
            problems.append(
                Problem("--at", "not a whole number of samples", value=part, remedy="1,8,64")
            )
    if problems or not found:
        raise InputError(problems or Problem("--at", "no sample count given", remedy="1,8,64"))
    return tuple(sorted(found))
