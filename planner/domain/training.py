"""What `planner train` gives back: planner.training/1, and the file of coefficients it takes."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from planner.domain.base import Strict
from planner.domain.plan import Assumption, Caution

Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
LEAST_EXPONENT, MOST_EXPONENT = 0.02, 5.0
"""Bounds of an exponent. Below, twice the size gains under 1.4% of the term, and sizes that reach
a loss run beyond all numbers; above, nothing is a power law. Published ones run from .08 to .4."""
Exponent = Annotated[float, Field(ge=LEAST_EXPONENT, le=MOST_EXPONENT)]


class LawFile(Strict):
    """Coefficients of L = E + A / N^alpha + B / D^beta + G / k^gamma."""

    E: Positive
    A: Positive
    B: Positive
    alpha: Exponent
    beta: Exponent
    G: Positive | None = None
    gamma: Exponent | None = None
    coverage: tuple[float, float, float, float, float] | None = None
    """th0 to th4 of the coverage of k samples at a loss (planner.curves.loss_accuracy)."""
    title: str | None = None
    source: str | None = None

    @model_validator(mode="after")
    def _both_or_neither(self) -> Self:
        if (self.G is None) != (self.gamma is None):
            raise ValueError("G and gamma come together; give both, or neither")
        return self


class LawUsed(Strict):
    """The law of the loss: L = E + A / N^alpha + B / D^beta, and G / k^gamma with samples."""

    name: str
    """hoffmann, sardana, besiroglu, or the file's name."""
    title: str
    E: float
    A: float
    B: float
    alpha: float
    beta: float
    G: float | None = None
    gamma: float | None = None
    source: str
    date: str | None = None
    runs: int | None = None
    """Runs that it was fitted to here; None where the coefficients were given."""
    runs_left_out: int = 0
    """Runs of the highest losses that were left out of the fit."""
    fit_error: float | None = None
    """Median over runs of the relative error of the loss."""
    share_of_draws: float = 1.0
    """Share of the resamples of the runs that give a law in which loss falls with N and D."""


class LinkUsed(Strict):
    """logit(accuracy) = intercept + slope x loss on one bucket, fitted to the user's models."""

    bucket: str
    share: float
    """Of the questions whose accuracy was asked for."""
    intercept: float
    slope: float
    models: int
    error: float
    """Mean absolute error of accuracy when each model is predicted from the others."""
    worst_error: float
    scatter_logit: float
    """Standard deviation of models about the line beyond what their questions explain, logits."""
    accuracy: float
    accuracy_low: float
    accuracy_high: float
    """90%, of one more model at the loss of the optimum."""
    extrapolated: bool
    """The loss lies outside of those of the models."""


class Exchange(Strict):
    """What inference compute may do in place of a larger model: Snell et al. 2024, section 7."""

    size_ratio: float
    """M: how many times larger the other model is, on the same training tokens."""
    inference_to_training: float
    """R: tokens inferred over tokens trained on."""
    verifier_factor: float
    """Inference FLOPs with the verifier over those without."""
    compute_multiple: float | None
    """Times its inference compute that this model may spend; None without inference: no limit."""


class DollarOptimum(Strict):
    """The model of the same loss that costs the fewest dollars over its life."""

    params: float
    params_low: float | None = None
    params_high: float | None = None
    train_tokens: float
    train_tokens_low: float | None = None
    train_tokens_high: float | None = None
    n_samples: int | None = None
    usd: float
    usd_low: float | None = None
    usd_high: float | None = None
    usd_training: float
    usd_inference: float
    usd_chinchilla: float | None
    """Of the model of that loss that is cheapest to train, at one sample."""
    usd_of_flop_optimum: float
    """Of the model that takes the fewest FLOPs."""
    usd_saved: float | None
    usd_saved_low: float | None = None
    usd_saved_high: float | None = None
    saving: float | None
    saving_low: float | None = None
    saving_high: float | None = None


class TrainingAnswer(Strict):
    """Parameters and training tokens of least FLOPs over a model's life, at a required quality.

    Intervals are 90%; None where nothing that the number rests on is uncertain here, which
    `interval_reason` says.
    """

    schema_: Literal["planner.training/1"] = Field(default="planner.training/1", alias="schema")
    law: LawUsed
    required: str
    """The quality asked for, in words."""
    inference_tokens: float
    """Read and generated over the life of the model, at one sample a query."""
    params: float
    params_low: float | None = None
    params_high: float | None = None
    train_tokens: float
    train_tokens_low: float | None = None
    train_tokens_high: float | None = None
    tokens_per_param: float
    n_samples: int | None = None
    """Samples of a query; None where the law has no term for samples."""
    loss: float
    loss_low: float | None = None
    loss_high: float | None = None
    flop: float
    """Training and inference at the optimum."""
    flop_low: float | None = None
    flop_high: float | None = None
    flop_training: float
    flop_inference: float
    params_chinchilla: float | None
    """The model of that loss that is cheapest to train, or of least loss under the training budget;
    None where one sample cannot reach the loss."""
    train_tokens_chinchilla: float | None
    flop_chinchilla: float | None
    """Training and inference of that model."""
    flop_saved: float | None
    flop_saved_low: float | None = None
    flop_saved_high: float | None = None
    saving: float | None
    """flop_saved / flop_chinchilla"""
    saving_low: float | None = None
    saving_high: float | None = None
    n_samples_chinchilla: int | None = None
    """Under budgets: samples that the token budget allows that model."""
    loss_chinchilla: float | None = None
    """Under budgets: what that model reaches; else it reaches `loss`."""
    coverage: float | None = None
    """Under budgets, where the law tells it: share of questions that a sample of k answers."""
    coverage_chinchilla: float | None = None
    share_of_draws: float = 1.0
    """Share of the draws in which a model reaches the required quality."""
    interval_reason: str | None = None
    dollars: DollarOptimum | None = None
    links: tuple[LinkUsed, ...] = ()
    exchange: Exchange | None = None
    assumptions: tuple[Assumption, ...] = ()
    warnings: tuple[Caution, ...] = ()
