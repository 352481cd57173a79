"""The verbs, composed: what the command line and `import planner` call.

    observations --fit--> curves --candidates--> options --allocate--> plan
    question --ask--> sides of it --judge--> answer

Each verb reads files, builds the floors below in order, and returns a frozen type.
"""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from planner.errors import InputError, Problem

if TYPE_CHECKING:
    from planner.cost.settings import Settings
    from planner.curves.fitted import Fitted
    from planner.domain.answer import Answer
    from planner.domain.card import AcceleratorCard
    from planner.domain.cardbook import CardBook
    from planner.domain.observation import Observations
    from planner.domain.scenario import Scenario
    from planner.ingest.check import Checked


def ask(
    question: str,
    *,
    data: Sequence[Path] = (),
    scenario: str | Path | None = None,
    settings: Settings | None = None,
    matters: float = 0.05,
    pool: str = "named",
    criterion: str = "cost_at_equal_accuracy",
    train_from_scratch: bool = False,
    profile: str | None = None,
    models: Path | None = None,
    draws: int = 1000,
    seed: int = 0,
    command: str | None = None,
) -> Answer:
    """Answers a question such as "7B+PRM or 34B greedy at 1M queries/day".

    data: observations CSVs; without any, the published measurements that ship. scenario: a TOML
    whose data, workload and supply serve where the question says nothing. settings: terms given
    beside the question; they win. matters: smallest relative cost difference that counts. pool:
    "named" or "all" models for the best plan. profile: accelerator card or TOML file of measured
    efficiencies (`calibrate`); its accelerator serves where none is named, and it lends to others.
    models: folder of the user's cards.

    Raises InputError for a question, file or card that cannot be used.
    """
    from planner.ask import prepare
    from planner.ask.answer import Asked, answer
    from planner.ask.capex import training_in, training_of
    from planner.ask.horizon import asked_months, month_rows
    from planner.ask.judge import criterion_of
    from planner.ask.parse import parse_question
    from planner.ask.per_correct import paid_people, people_of
    from planner.ask.wishes import Wishes
    from planner.cost.settings import LENDER, Settings
    from planner.cost.supply import drawn_supply
    from planner.cost.terms import supply_terms
    from planner.domain.draws import Draws
    from planner.domain.transfer import Transfer
    from planner.ingest.scenario import read_scenario
    from planner.options import Workshop

    if pool not in ("named", "all"):
        raise InputError(Problem("--pool", "unknown pool", value=pool, remedy="write named or all"))
    judged = criterion_of(criterion)
    parsed = parse_question(question)
    cards, measured = cards_with(models, profile)
    scene = None if scenario is None else read_scenario(Path(scenario))
    files = data if data or scene is None else scene.data.observations
    observations, resolved = prepare.resolve_on(parsed, files, cards)
    observations = prepare.with_bridges(observations, resolved)
    given = (settings or Settings()).over(prepare.question_settings(parsed))
    if scene is not None:
        given = given.over(prepare.scenario_settings(scene, prepare.pools_of(scene)[0]))
    if measured is not None:
        given = given.over(Settings(accelerator=measured.name))

    stream = Draws(draws, seed)
    parts = prepare.parts_of(resolved, several_sets=bool(files))
    named = dict.fromkeys(side.model for side in resolved.sides)
    paid = paid_people(scene)
    kept = {*named, *paid} if pool == "named" else None
    curves = prepare.curves_for(parts, observations, stream, kept)
    terms = supply_terms(given, cards)
    supply = drawn_supply(terms.supply, measured or cards.accelerator(LENDER), stream)
    workshop = Workshop(curves, parts, cards, supply, given.weights, prepare.weights_of(scene))
    sides = prepare.sides_of(resolved, workshop)
    buyable = named if pool == "named" else dict.fromkeys([*named, *workshop.measured_models()])
    mix, mix_notes = prepare.asked_mix(parsed, parts)
    volume = prepare.volume_of(parsed, scene)
    months = asked_months(parsed, scene, cards, stream)
    training = training_in(scene, cards, supply, train_from_scratch, months.horizon_days)
    transfer = Transfer() if scene is None else scene.transfer
    asked = Asked(
        text=question,
        sides=sides,
        pool=tuple(c for model in buyable for c in workshop.all_of(model)),
        question_set=workshop.measured_on,
        buckets=prepare.buckets_of(parts),
        mix=mix,
        queries_per_day=volume,
        criterion=judged,
        matters=matters,
        wishes=Wishes(parsed.budget_usd_per_day, parsed.min_accuracy, parsed.max_latency_p95_s),
        training=training,
        transfer=transfer,
        tokens_measured=any("of a sample of" in name for name in workshop.assumptions),
        months=months,
        people=people_of(paid, workshop),
    )
    bills = training_of(training, (made for made, _ in sides))
    notes = (
        *parsed.notes,
        *prepare.choices_of(resolved, parts),
        *observations.notes,
        *(note for made, _ in sides for curve in made.curves.values() for note in curve.notes),
        *mix_notes,
        *terms.notes,
        *supply.notes,
        *workshop.notes,
        *(note for bill in bills for note in bill.notes),
    )
    grounds = prepare.grounds_of(
        (
            *terms.assumptions,
            *workshop.assumptions.values(),
            *transfer.assumptions,
            *month_rows(months, None if scene is None else scene.workload, parsed.horizon_days),
            *(row for bill in bills for row in bill.assumptions),
        ),
        notes,
        observations,
        set(named),
        cards,
        stream,
        command or f"planner ask {shlex.quote(question)}",
    )
    return _as_wished(answer(asked, grounds), scene)


def _as_wished(found: Answer, scene: Scenario | None) -> Answer:
    """With the title and the sections that a scenario wants of its page."""
    if scene is None:
        return found
    wish = scene.report
    return found.model_copy(update={"title": wish.title, "sections": wish.sections})


def fit(
    observations: Sequence[Path | Observations],
    *,
    at: Sequence[int] = (1, 2, 4, 8, 16, 32, 64),
    families: Sequence[str] = (),
    sizes: Sequence[str | float] = (),
    extrapolate: bool = False,
    models: Path | None = None,
    draws: int = 400,
    seed: int = 0,
) -> Fitted:
    """Fits every curve of the observations and predicts at the sample counts of `at`.

    families: names of the curve families in play, of those that a method allows; all where none is
    named. sizes: models to predict that were not measured, "13B" or billions of parameters; models:
    folder of the user's cards, which say how large models are and of which family. extrapolate:
    also more than twice beyond the sizes measured.

    Raises InputError for observations that cannot be used, and sizes that they do not tell.
    """
    from functools import reduce
    from operator import add

    from planner.curves import anchor_with_greedy, fit_curves
    from planner.curves.fitted import Fitted
    from planner.curves.sizes_json import SizesTold, SizeTerms, tell_sizes
    from planner.domain.draws import Draws
    from planner.errors import Note
    from planner.ingest.cards import load_cards
    from planner.ingest.importers import read_observed
    from planner.pipeline.arguments import curve_families, model_sizes

    chosen = curve_families(families)
    asked = model_sizes(sizes, extrapolate)
    rows = reduce(add, (read_observed(o) if isinstance(o, Path) else o for o in observations))
    told = SizesTold()
    if asked:
        told = tell_sizes(rows, at, SizeTerms(asked, load_cards(models), extrapolate))
    anchors = anchor_with_greedy(rows.rows)
    book = fit_curves(rows, Draws(draws, seed), anchors=anchors, families=chosen)
    notes = rows.notes
    if chosen is not None:
        names = ", ".join(family.name for family in chosen)
        notes += (Note("families_chosen", f"no other curve families were let in than {names}"),)
    return Fitted(book, tuple(at), rows.digests, seed, draws, notes, told)


def check(path: Path) -> Checked:
    """Validates one file: observations, a scenario, or cards in a folder; finds every problem."""
    from planner.ingest.check import check_file

    return check_file(path)


def cards_with(models: Path | None, profile: str | None) -> tuple[CardBook, AcceleratorCard | None]:
    """All cards with the profile among them, and the profile."""
    from planner.ingest.cards import load_cards
    from planner.ingest.profile import with_profile

    book = load_cards(models)
    return (book, None) if profile is None else with_profile(book, profile)
