"""The verb `train`: training and inference compute chosen together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from planner.errors import InputError, Problem

if TYPE_CHECKING:
    from planner.curves.loss_accuracy import Scored
    from planner.domain.draws import Draws
    from planner.domain.training import TrainingAnswer
    from planner.domain.typed import Typed
    from planner.economics.training.dollars import DollarFlags
    from planner.economics.training.laws import DrawnLaw
    from planner.economics.training.required import Required

DEFAULT_LAW = "besiroglu"
_ONE_OF = (
    "--quality-of 30B, --loss 1.95, --accuracy 0.6 with --link CSV, or --train-budget with"
    " --token-budget"
)


def train(
    *,
    inference_tokens: str | float,
    law: str | Path = DEFAULT_LAW,
    quality_of: str | None = None,
    loss: str | float | None = None,
    accuracy: str | float | None = None,
    link: Path | None = None,
    bucket: str | None = None,
    train_budget: str | float | None = None,
    token_budget: str | float | None = None,
    drop_highest: int = 0,
    larger: str | float | None = None,
    verifier_factor: str | float | None = None,
    dollars: DollarFlags | None = None,
    models: Path | None = None,
    draws: int = 400,
    seed: int = 0,
) -> TrainingAnswer:
    """The model of least compute over its life, training and inference, at a required quality.

    law: hoffmann, sardana, besiroglu, a CSV of runs (params, train_tokens, loss, and samples where
    runs were scored at several), or a TOML or JSON of coefficients. What is wanted is said by one
    of quality_of (the size of a Chinchilla-optimal model), loss, accuracy with link (a CSV of
    scored models; bucket: the one that counts), or two budgets in FLOPs, train_budget and
    token_budget (for each token served). inference_tokens: over the life of the model, at one
    sample a query. dollars: terms of the dollar optimum; None: FLOPs only. larger: weigh more
    inference against a model so many times larger, with verifier_factor (inference FLOPs with the
    verifier over those without). drop_highest: runs of the highest losses to leave out of a fit.

    Raises InputError with every problem at once, InfeasibleError where no model is good enough.
    """
    from planner.domain.draws import Draws
    from planner.domain.typed import Typed
    from planner.economics.training.answer import Asked, training_answer
    from planner.economics.training.budget_answer import Budgets, budget_answer
    from planner.economics.training.dollars import dollar_terms
    from planner.ingest.cards import load_cards
    from planner.units import parse_count, parse_flop, parse_fraction, parse_tokens

    typed, stream = Typed(), Draws(draws, seed)
    tokens = typed.number("--inference-tokens", inference_tokens, parse_tokens)
    training = typed.number("--train-budget", train_budget, parse_flop, above=0)
    serving = typed.number("--token-budget", token_budget, parse_flop, above=0)
    budgeted = train_budget is not None or token_budget is not None
    _one_requirement(typed, (quality_of, loss, accuracy, budgeted or None))
    _pairs(typed, accuracy, link, bucket, train_budget, token_budget)
    size = typed.number("--quality-of", quality_of, _params, above=0)
    lost = typed.number("--loss", loss, parse_count, above=0)
    right = typed.number("--accuracy", accuracy, parse_fraction, above=0)
    if right == 1:
        typed.problems.append(
            Problem("--accuracy", "no loss gives an accuracy of 1", remedy="write less than 1")
        )
    ratio = typed.number("--larger", larger, parse_count, above=0)
    factor = typed.number("--verifier-factor", verifier_factor, parse_count, above=0)
    if verifier_factor is not None and larger is None:
        typed.problems.append(
            Problem("--verifier-factor", "nothing would use it", remedy="give --larger 14 as well")
        )
    if budgeted:
        _not_with_budgets(typed, dollars is not None, larger is not None)
    terms = None if dollars is None else dollar_terms(dollars, load_cards(models), typed)
    drawn = _law(law, drop_highest, stream, typed)
    scores = None if link is None or drawn is None else _scored(link, drawn, typed)
    if training is not None and serving is not None and drawn is not None and not typed.problems:
        assert tokens is not None
        return budget_answer(drawn, Budgets(training, serving, tokens, drawn.coverage))
    required: Required | None = None
    if drawn is not None and not typed.problems:
        required = _required(drawn, size, lost, right, scores, bucket, stream, typed)
    if typed.problems:
        raise InputError(typed.problems)
    assert drawn is not None
    assert required is not None
    assert tokens is not None
    asked = Asked(drawn, required, tokens, terms, ratio, factor or 1.0)
    return training_answer(asked, stream)


def _one_requirement(typed: Typed, given: tuple[object, ...]) -> None:
    said = [value for value in given if value is not None]
    if len(said) != 1:
        what = "say in one way what is wanted" if said else "it is not said what is wanted"
        typed.problems.append(Problem("planner train", what, remedy=f"give one of {_ONE_OF}"))


def _pairs(
    typed: Typed,
    accuracy: str | float | None,
    link: Path | None,
    bucket: str | None,
    train_budget: str | float | None,
    token_budget: str | float | None,
) -> None:
    """Flags that need another."""
    missing = [
        Problem(flag, "nothing would use it", remedy="give --accuracy 0.6 as well")
        for flag, value in (("--link", link), ("--bucket", bucket))
        if value is not None and accuracy is None
    ]
    if accuracy is not None and link is None:
        what = "an accuracy needs the link of your models from loss to accuracy"
        remedy = "give --link CSV with columns model, loss, bucket, accuracy, n_questions"
        missing.append(Problem("--accuracy", what, remedy=remedy))
    if train_budget is not None and token_budget is None:
        remedy = "give --token-budget '140 GFLOP' as well"
        missing.append(Problem("--train-budget", "it is one budget of two", remedy=remedy))
    if token_budget is not None and train_budget is None:
        remedy = "give --train-budget 1e22 as well"
        missing.append(Problem("--token-budget", "it is one budget of two", remedy=remedy))
    typed.problems += missing


def _not_with_budgets(typed: Typed, dollars: bool, larger: bool) -> None:
    typed.problems += [
        Problem(flag, "it has no meaning where both budgets are FLOPs", remedy="remove it")
        for flag, given in (("--dollars", dollars), ("--larger", larger))
        if given
    ]


def _law(name: str | Path, drop_highest: int, draws: Draws, typed: Typed) -> DrawnLaw | None:
    from planner.economics.training.laws import LAWS, given_law, published_law
    from planner.ingest.law_file import read_law

    path = Path(name)
    table = str(name) not in LAWS and path.suffix.lower() not in (".toml", ".json")
    if drop_highest and not table:
        remedy = "remove it, or give a CSV of runs as --law"
        typed.problems.append(
            Problem("--drop-highest", "the law is not fitted here", remedy=remedy)
        )
    if str(name) in LAWS:
        return published_law(str(name))
    if not path.exists():
        typed.problems.append(_no_such_law(str(name), tuple(LAWS)))
        return None
    try:
        if table:
            return _fitted(path, drop_highest, draws)
        return given_law(read_law(path), path.name)
    except InputError as error:
        typed.problems += error.problems
        return None


def _no_such_law(name: str, known: tuple[str, ...]) -> Problem:
    from planner.domain.nearest import did_you_mean

    remedy = f"write {', '.join(known)}, or a file of runs or coefficients"
    what = "there is no law or file of this name"
    return Problem("--law", what, value=name, remedy=did_you_mean(name, known) or remedy)


def _fitted(path: Path, drop_highest: int, draws: Draws) -> DrawnLaw:
    import numpy as np

    from planner.curves.training_loss import Runs
    from planner.economics.training.laws import fitted_law
    from planner.ingest.training_csv import read_runs

    rows = read_runs(path)
    if drop_highest >= len(rows):
        raise InputError(
            Problem("--drop-highest", f"the table has {len(rows)} runs", value=str(drop_highest))
        )
    params, tokens, loss = (
        np.array([getattr(row, name) for row in rows])
        for name in ("params", "train_tokens", "loss")
    )
    samples = None
    if rows[0].samples is not None:
        samples = np.array([row.samples for row in rows], dtype=np.float64)
    try:
        return fitted_law(Runs(params, tokens, loss, samples), path.name, draws, drop_highest)
    except ValueError as error:
        raise InputError(Problem(str(path), str(error))) from None


def _scored(path: Path, law: DrawnLaw, typed: Typed) -> list[Scored] | None:
    """Models by bucket, with losses as they stand or as the law gives them."""
    import numpy as np

    from planner.curves.loss_accuracy import Scored
    from planner.ingest.training_csv import read_scores

    try:
        rows = read_scores(path)
    except InputError as error:
        typed.problems += error.problems
        return None
    found = []
    for bucket in dict.fromkeys(row.bucket for row in rows):
        here = [row for row in rows if row.bucket == bucket]
        if here[0].loss is not None:
            loss = np.array([[row.loss for row in here]], dtype=np.float64)
        else:
            columns = [
                law.law.loss(np.asarray(row.params), np.asarray(row.train_tokens)) for row in here
            ]
            loss = np.atleast_2d(np.stack(columns, axis=-1))
        accuracy, questions = (
            np.array([getattr(row, name) for row in here]) for name in ("accuracy", "n_questions")
        )
        found.append(Scored(bucket, loss, accuracy, questions))
    return found


def _required(
    law: DrawnLaw,
    size: float | None,
    loss: float | None,
    accuracy: float | None,
    scores: list[Scored] | None,
    bucket: str | None,
    draws: Draws,
    typed: Typed,
) -> Required | None:
    from planner.curves.loss_accuracy import LinkError
    from planner.economics.training import required

    if size is not None:
        return required.quality_of(law, size)
    if loss is not None:
        return required.given_loss(loss)
    assert accuracy is not None
    assert scores is not None
    try:
        links, shares = required.fitted_links(scores, draws, bucket)
    except LinkError as error:
        typed.problems += [
            Problem("--link", reason, remedy="score more models, smaller ones too")
            for reason in str(error).splitlines()
        ]
        return None
    return required.needed_accuracy(accuracy, links, shares)


def _params(text: str | float) -> float:
    from planner.units import PARAMS_PER_B, parse_params_b

    return parse_params_b(text) * PARAMS_PER_B
