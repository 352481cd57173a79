"""Difficulty buckets: told by some samples, measured on others, the same for all models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest
from logged import accuracies, drawn, logged, measured

from planner.errors import InputError
from planner.measure.estimates import Asked
from planner.measure.measuring import Measurement, Terms, measure_outcomes
from planner.measure.partition import Kind, Partition, Wish, partition_of
from planner.measure.parts import SampleReader


def wished(kind: Kind, reference: str | None = "m", **terms: Any) -> Terms:
    return Terms(wish=Wish(kind, reference, **terms), replicates=50)


def cut(log: Mapping[str, Sequence[Any]], terms: Terms) -> tuple[Measurement, Partition]:
    """What is measured, and the buckets of every question in every fold."""
    with logged(log) as table:
        tallies = table.tallies()
        partition = partition_of(terms.wish, tallies, SampleReader(table, tallies, 0), 0)
        return measure_outcomes(table, terms), partition


def true_rates(partition: Partition, rates: Sequence[float]) -> dict[str, float]:
    """Mean true solve rate of the questions in each bucket, over the folds."""
    held: dict[str, list[float]] = {}
    for fold in partition.folds:
        for (_, problem), bucket in fold.items():
            held.setdefault(bucket, []).append(rates[int(problem[1:])])
    return {bucket: float(np.mean(values)) for bucket, values in held.items()}


@pytest.mark.parametrize("kind", ["quantiles", "thresholds", "pooled", "agreement", "verifier"])
def test_questions_that_were_lucky_once_do_not_flatter_their_bucket(kind: Kind) -> None:
    """Measured accuracies of buckets are those of the questions in them: no regression to the
    mean. Measured on the very samples that told the bucket, the easiest would look better.
    """
    rng = np.random.default_rng(1)
    rates = rng.beta(0.8, 0.8, 1500).tolist()
    log = drawn(rates, 8, rng)
    noise = rng.random(len(log["correct"]))
    log["score"] = [
        min(max(0.6 * c + 0.4 * u, 0.0), 1.0) for c, u in zip(log["correct"], noise, strict=True)
    ]
    found, partition = cut(log, wished(kind, signal_samples=3))
    truth = true_rates(partition, rates)
    assert len(truth) >= 2
    for bucket, rate in truth.items():
        row = next(r for r in found.rows if (r.bucket, r.method) == (bucket, "sampled"))
        assert row.accuracy_se is not None
        assert row.accuracy == pytest.approx(rate, abs=3.5 * max(row.accuracy_se, 0.004)), bucket


def test_measuring_on_the_samples_that_told_the_bucket_would_flatter_it() -> None:
    """Negative control of the test above."""
    rng = np.random.default_rng(1)
    rates = np.asarray(rng.beta(0.8, 0.8, 1500))
    share = rng.binomial(8, rates) / 8
    easiest = share >= np.quantile(share, 0.8)
    hardest = share <= np.quantile(share, 0.2)
    middle = ~easiest & ~hardest
    assert share[middle].mean() - rates[middle].mean() < 0.05
    assert rates[hardest].mean() - share[hardest].mean() > 0.03
    assert share[easiest].mean() - rates[easiest].mean() > 0.03


def test_buckets_of_the_reference_are_those_of_every_model() -> None:
    rng = np.random.default_rng(2)
    rates = rng.beta(1, 1, 200).tolist()
    strong = drawn([min(1.0, r + 0.2) for r in rates], 4, rng, model="strong")
    both = {
        name: [*drawn(rates, 8, rng, model="m").get(name, []), *strong[name]] for name in strong
    }
    both["model"] = ["m"] * 1600 + ["strong"] * 800
    found, partition = cut(both, wished("quantiles"))
    assert set(partition.split) == {s for s in partition.split if s.model == "m"}
    for bucket in {b for fold in partition.folds for b in fold.values()}:
        questions = {
            r.model: r.n_questions
            for r in found.rows
            if (r.bucket, r.method) == (bucket, "sampled")
        }
        assert questions["m"] == questions["strong"]


def test_other_models_are_measured_on_all_their_samples() -> None:
    rng = np.random.default_rng(3)
    a, b = drawn([0.5] * 40, 8, rng), drawn([0.7] * 40, 8, rng)
    log = {k: [*a[k], *b[k]] for k in a} | {"model": ["m"] * 320 + ["other"] * 320}
    found = measured(log, terms=wished("thresholds"))
    most = {
        (r.model, r.bucket == "all"): max(
            x.n_samples
            for x in found.rows
            if x.model == r.model and (x.bucket == "all") == (r.bucket == "all")
        )
        for r in found.rows
    }
    assert most == {("m", True): 8, ("m", False): 4, ("other", True): 8, ("other", False): 8}


def test_whole_questions_are_measured_on_all_samples_whatever_the_buckets() -> None:
    log = drawn([0.1, 0.4, 0.6, 0.9] * 5, 8, np.random.default_rng(4))
    plain, cut_up = measured(log), measured(log, terms=wished("quantiles", buckets=2))
    for method in ("sampled", "oracle_best_of_n", "majority_vote"):
        assert accuracies(plain, method) == accuracies(cut_up, method)


def test_agreement_costs_the_samples_that_tell_it() -> None:
    found = measured(
        drawn([0.5] * 30, 8, np.random.default_rng(5)), terms=wished("agreement", signal_samples=2)
    )
    assert found.partition.deployable
    assert found.partition.router_samples == 2
    assert {b.bucket for b in found.partition.buckets} == {"2 of 2 agree", "all differ"}
    assert max(r.n_samples for r in found.rows if r.bucket != "all") == 6


def test_router_confusion_has_rows_that_add_up_to_one() -> None:
    found = measured(
        drawn(np.linspace(0, 1, 60).tolist(), 8, np.random.default_rng(6)),
        terms=wished("agreement", signal_samples=2),
    )
    (confusion,) = found.router
    assert [sum(row) for row in confusion.share] == pytest.approx([1.0] * len(confusion.share))
    easy = confusion.share[confusion.true_buckets.index("easy (50-100%)")]
    hard = confusion.share[confusion.true_buckets.index("medium (10-50%)")]
    agree = confusion.predicted_buckets.index("2 of 2 agree")
    assert easy[agree] > hard[agree]


def test_a_partition_that_needs_the_right_answer_gives_no_router() -> None:
    log = drawn([0.2, 0.5, 0.8] * 5, 4, np.random.default_rng(7))
    found = measured(log, terms=wished("pooled", None))
    assert not found.partition.deployable
    assert found.router == ()


def test_given_levels_are_the_buckets_and_questions_without_one_are_named() -> None:
    log = {
        "problem_id": ["1", "2", "3"],
        "correct": [1.0, 0.0, 1.0],
        "bucket": ["easy", "hard", None],
    }
    found = measured(log)
    assert {(b.bucket, b.questions) for b in found.partition.buckets} == {
        ("easy", 1), ("hard", 1), ("no level", 1)
    }  # fmt: skip
    assert any("1 questions have no level" in note.message for note in found.notes)


def test_a_level_named_all_is_the_whole_and_no_bucket_of_it() -> None:
    log = {"problem_id": ["1", "2"], "correct": [1.0, 0.0], "bucket": ["all", "all"]}
    assert {r.bucket for r in measured(log).rows} == {"all"}


def test_logs_that_disagree_on_a_bucket_are_refused_with_the_problem() -> None:
    log = {"problem_id": ["1", "1"], "correct": [1.0, 0.0], "bucket": ["easy", "hard"]}
    with pytest.raises(InputError, match=r"problem 1.*'easy'.*'hard'"):
        measured(log)


def test_thresholds_put_a_rate_on_the_edge_into_the_bucket_above() -> None:
    log = {"problem_id": ["1"] * 4, "correct": [1.0, 0.0, 1.0, 0.0]}
    log = {k: [*v, *(["2"] * 4 if k == "problem_id" else [0.0] * 4)] for k, v in log.items()}
    found = measured(log, terms=wished("thresholds"))
    assert {b.bucket for b in found.partition.buckets} <= {
        "hard (under 10%)", "easy (50-100%)"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "reference", "words"),
    [
        ("quantiles", None, "refer to a model"),
        ("quantiles", "mm", "did you mean m"),
        ("agreement", "m", "need 5 or more"),
        ("verifier", "m", "need 5 or more scored"),
        ("given", None, "no level is given"),
    ],
)
def test_a_partition_that_cannot_be_made_says_what_it_needs(
    kind: Kind, reference: str | None, words: str
) -> None:
    log = drawn([0.5, 0.5], 4, np.random.default_rng(8))
    with pytest.raises(InputError, match=words):
        measured(log, terms=wished(kind, reference))


def test_a_question_set_without_the_reference_stays_whole_and_says_so() -> None:
    rng = np.random.default_rng(9)
    a, b = drawn([0.5] * 20, 4, rng), drawn([0.5] * 20, 4, rng)
    log = {k: [*a[k], *b[k]] for k in a}
    log |= {"model": ["m"] * 80 + ["other"] * 80, "question_set": ["one"] * 80 + ["two"] * 80}
    found = measured(log, terms=wished("thresholds"))
    assert {r.bucket for r in found.rows if r.question_set == "two"} == {"all"}
    assert any(note.message.startswith("two: the reference") for note in found.notes)


def test_an_n_asked_for_that_no_bucket_allows_is_refused_there_and_measured_on_the_whole() -> None:
    log = drawn([0.2, 0.5, 0.8] * 6, 8, np.random.default_rng(10))
    terms = Terms(Asked(at=(1, 8)), Wish("thresholds", "m"), replicates=50)
    found = measured(log, terms=terms)
    assert set(accuracies(found, "oracle_best_of_n")) == {1, 8}
    assert any(r.what.startswith("n = 8,") for r in found.not_measured)
