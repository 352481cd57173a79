"""The bundled measurements are what their codebooks say, and what the papers printed."""

from __future__ import annotations

import csv
import hashlib
import io
import math
import tomllib
from collections import Counter, defaultdict
from importlib.resources.abc import Traversable
from pathlib import Path

import pytest
from codebooks import (
    REFERENCE,
    Codebook,
    load_codebook,
    questions_in,
    reference_names,
    reference_path,
)

from planner._resources import bundled
from planner.domain.method import METHODS
from planner.domain.observation import ALL, Observation
from planner.errors import InputError
from planner.ingest.fixtures import (
    DEFAULT_FIXTURE,
    canonical_question_set,
    fixture_names,
    fixture_path,
    question_sets,
)

REQUIRED = ("model", "method", "question_set", "bucket", "n_samples", "accuracy", "n_questions")
KEY = (
    "model",
    "method",
    "verifier",
    "question_set",
    "bucket",
    "n_samples",
    "depth",
    "width",
    "thinking_tokens",
    "temperature",
)
ALSO_ELSEWHERE = {"wu2024_rebase_flops"}
"""Reference tables that repeat the rows of a fixture for a figure that has no column there."""

every_fixture = pytest.mark.parametrize("name", fixture_names())
every_reference = pytest.mark.parametrize("name", reference_names())


def rows_of(path: Traversable) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))


def observations(name: str) -> list[Observation]:
    """The rows of a fixture as the pipeline will have them."""
    return [
        Observation.model_validate({k: v for k, v in row.items() if v != ""})
        for row in rows_of(fixture_path(name))
    ]


def check_pinned(path: Traversable, codebook: Codebook) -> None:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert codebook.sha256 == digest, (
        f"{path.name} is not the file its codebook pins. If the change is meant, write sha256 = "
        f'"{digest}" into its .toml and say in CHANGELOG.md what changed and why.'
    )
    rows = rows_of(path)
    assert codebook.rows == len(rows)
    assert codebook.columns == tuple(rows[0])


@every_fixture
def test_a_fixture_is_the_one_its_codebook_pins(name: str) -> None:
    codebook = load_codebook(name)
    check_pinned(fixture_path(name), codebook)
    assert (codebook.kind, codebook.name) == ("observations", name)
    assert codebook.traps, "every published table has a trap"


@every_reference
def test_a_reference_table_is_the_one_its_codebook_pins(name: str) -> None:
    codebook = load_codebook(name, REFERENCE)
    check_pinned(reference_path(name), codebook)
    assert (codebook.kind, codebook.name) == ("reference", name)


@every_fixture
def test_every_row_is_an_observation_with_its_source(name: str) -> None:
    header = load_codebook(name).columns
    assert header[: len(REQUIRED)] == REQUIRED
    assert set(header) <= set(Observation.model_fields)
    assert all(row.source for row in observations(name))


@every_fixture
def test_every_method_is_registered_and_has_the_axes_it_needs(name: str) -> None:
    codebook = load_codebook(name)
    rows = observations(name)
    assert {row.method for row in rows} == set(codebook.methods.values()) <= set(METHODS)
    for row in rows:
        method = METHODS[row.method]
        assert method.samples or row.n_samples == 1, row
        assert bool(row.verifier) == method.verifier, row


@every_fixture
def test_no_two_rows_measure_the_same_thing(name: str) -> None:
    keys = Counter(tuple(getattr(row, k) for k in KEY) for row in observations(name))
    assert [key for key, count in keys.items() if count > 1] == []


@every_fixture
def test_every_name_is_explained_in_the_codebook(name: str) -> None:
    codebook = load_codebook(name)
    rows = observations(name)
    models = {m.slug: m for m in codebook.models}
    verifiers = {v.slug: v for v in codebook.verifiers}
    assert {row.model for row in rows} == set(models)
    assert {row.verifier for row in rows if row.verifier} == set(verifiers)
    asked = {(row.question_set, row.bucket) for row in rows}
    assert asked == {(q.question_set, q.bucket) for q in codebook.question_sets}
    for row in rows:
        assert row.params_b in (models[row.model].params_b, None), row
        if row.verifier:
            assert row.verifier_params_b == verifiers[row.verifier].params_b, row


@every_fixture
def test_every_question_set_is_in_the_catalogue_with_its_count(name: str) -> None:
    catalogue = question_sets()
    for row in observations(name):
        assert canonical_question_set(row.question_set) == row.question_set
        assert questions_in(catalogue[row.question_set], row.bucket) == row.n_questions, row


@every_reference
def test_every_reference_row_says_what_it_lacks(name: str) -> None:
    reasons = Counter(row["why_not"].strip() for row in rows_of(reference_path(name)))
    assert "" not in reasons
    assert reasons == load_codebook(name, REFERENCE).reasons
    assert sum(reasons.values()) == load_codebook(name, REFERENCE).rows


@every_reference
def test_a_reference_row_that_blames_a_blank_has_that_blank(name: str) -> None:
    for row in rows_of(reference_path(name)):
        for column in ("n_samples", "n_questions"):
            if f"no {column} in the source" in row["why_not"]:
                assert not row.get(column), row


def test_a_model_is_one_model_in_every_fixture() -> None:
    """A slug carries one size, one tuning and one architecture, whichever file names it."""
    shapes = defaultdict(set)
    for name in fixture_names():
        for m in load_codebook(name).models:
            shapes[m.slug].add((m.params_b, m.active_params_b, m.tuning, m.base))
    assert {slug: seen for slug, seen in shapes.items() if len(seen) > 1} == {}


Curve = tuple[str, str, str, str]
"""Model, method, verifier (empty where there is none) and bucket."""


def curves_of_the_plain_model() -> dict[Curve, dict[int, float]]:
    """Accuracy by n of each curve of the models fine-tuned on levels 1-3."""
    curves: defaultdict[Curve, dict[int, float]] = defaultdict(dict)
    for r in observations(DEFAULT_FIXTURE):
        if r.model.endswith("b-sft-levels-1-3") and r.method != "greedy":
            curves[r.model, r.method, r.verifier or "", r.bucket][r.n_samples] = r.accuracy
    return dict(curves)


class TestTheFlagshipData:
    """Sun et al. 2024: what the default question is answered from."""

    rows = observations(DEFAULT_FIXTURE)
    curves = curves_of_the_plain_model()

    def test_42_curves_of_11_points(self) -> None:
        assert len(self.curves) == 42
        assert Counter(bucket for *_, bucket in self.curves) == dict.fromkeys(
            ("all", "level 1-3", "level 4-5"), 14
        )
        assert {tuple(sorted(points)) for points in self.curves.values()} == {
            tuple(2**i for i in range(11))
        }

    def test_the_whole_is_the_weighted_mean_of_its_levels(self) -> None:
        buckets = question_sets()["MATH-500"].partitions["level band"]
        for (model, method, verifier, bucket), points in self.curves.items():
            if bucket != ALL:
                continue
            by_level = {b: self.curves[model, method, verifier, b] for b in buckets}
            for n, accuracy in points.items():
                total = math.fsum(count * by_level[b][n] for b, count in buckets.items())
                assert accuracy == pytest.approx(total / sum(buckets.values()), abs=0.0013)

    def test_greedy_stands_apart_from_one_sample(self) -> None:
        greedy = {
            (r.model, r.bucket): r.accuracy
            for r in self.rows
            if r.method == "greedy" and r.model.endswith("b-sft-levels-1-3")
        }
        assert greedy == {
            ("llemma-7b-sft-levels-1-3", "all"): 0.198,
            ("llemma-7b-sft-levels-1-3", "level 1-3"): 0.282,
            ("llemma-7b-sft-levels-1-3", "level 4-5"): 0.122,
            ("llemma-34b-sft-levels-1-3", "all"): 0.248,
        }
        votes = self.curves["llemma-7b-sft-levels-1-3", "majority_vote", "", "all"]
        assert votes[1] == 0.1687

    def test_the_published_numbers_of_the_34b_with_its_verifier(self) -> None:
        curve = self.curves[
            "llemma-34b-sft-levels-1-3", "weighted_vote", "llemma-34b-oprm-levels-1-3", "all"
        ]
        assert curve[1024] == 0.5245

    def test_best_of_n_by_the_7b_prm_peaks_and_falls(self) -> None:
        curve = self.curves[
            "llemma-7b-sft-levels-1-3", "best_of_n", "llemma-7b-prm-levels-1-3", "all"
        ]
        assert max(curve, key=curve.__getitem__) == 256
        assert curve[1024] < curve[256]

    def test_only_the_plain_model_comes_with_a_verifier(self) -> None:
        """So that "7B+PRM" means one model, and RL-tuned variants are never picked unasked."""
        with_prm = {r.model for r in self.rows if r.verifier and "-prm-" in r.verifier}
        assert with_prm == {"llemma-7b-sft-levels-1-3", "llemma-34b-sft-levels-1-3"}
        tuning = {m.slug: m.tuning for m in load_codebook(DEFAULT_FIXTURE).models}
        assert {tuning[model] for model in with_prm} == {"sft"}


def test_math_shepherd_keeps_math_and_math_500_apart() -> None:
    greedy = {
        (r.model, r.question_set): (r.accuracy, r.n_questions)
        for r in observations("math_shepherd_2023")
        if r.method == "greedy" and r.question_set != "GSM8K"
    }
    assert greedy["mistral-7b-metamath", "MATH"] == (0.286, 5000)
    assert greedy["llemma-34b-metamath", "MATH-500"] == (0.348, 500)
    assert ("mistral-7b-metamath", "MATH-500") not in greedy


def test_pass_at_1_averages_are_not_greedy() -> None:
    assert load_codebook("deepseek_r1_2025").methods["pass@1"] == "sampled"
    methods = {r.method for r in observations("yang2025_qwen3_thinking")}
    assert methods == {"sampled", "long_cot"}


def test_reasoning_effort_and_mode_are_part_of_the_model() -> None:
    models = {r.model for r in observations("openai2025_gpt_oss")}
    assert {"gpt-oss-20b-low", "gpt-oss-20b-high", "gpt-oss-20b-high-tools"} <= models
    qwen = {m.slug: m.tuning for m in load_codebook("yang2025_qwen3_thinking").models}
    assert qwen["qwen3-8b-thinking"] == "reasoning"
    assert qwen["qwen3-8b-non-thinking"] == "instruct"


def test_tokens_published_per_problem_are_kept_per_sample() -> None:
    """307,600 tokens a problem over 48 samples of gpt-oss-120b on AIME 2025."""
    votes = {
        (r.model, r.question_set): r.output_tokens
        for r in observations("chen2026_think_at_n")
        if r.method == "majority_vote"
    }
    assert votes["gpt-oss-120b-medium", "AIME 2025"] == pytest.approx(307_600 / 48, abs=0.05)


def test_no_alias_means_two_question_sets() -> None:
    names = [name for s in question_sets().values() for name in (s.name, *s.aliases)]
    for s in question_sets().values():
        assert all(canonical_question_set(name) == s.name for name in (s.name, *s.aliases))
        assert s.subset_of is None or s.n_questions < question_sets()[s.subset_of].n_questions
    assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("MATH500", "MATH-500"),
        ("math 500", "MATH-500"),
        ("MATH", "MATH"),
        ("aime24", "AIME 2024"),
        (" our own questions ", "our own questions"),
    ],
)
def test_question_sets_are_known_by_their_other_names(written: str, meant: str) -> None:
    assert canonical_question_set(written) == meant


def test_the_catalogue_cannot_be_changed_by_a_caller() -> None:
    question_sets().clear()
    assert "MATH-500" in question_sets()


def test_a_misspelt_fixture_suggests_the_nearest() -> None:
    with pytest.raises(InputError, match="did you mean sun2024_easy_to_hard"):
        fixture_path("sun2024_easy_to_hrad")


def test_there_is_a_codebook_for_every_table_and_no_other_file() -> None:
    folder = bundled("fixtures")
    expected = {f"{n}{end}" for n in fixture_names() for end in (".csv", ".toml")}
    assert {f.name for f in folder.iterdir()} == expected | {"question_sets.toml", "reference"}
    expected = {f"{n}{end}" for n in reference_names() for end in (".csv", ".toml")}
    assert {f.name for f in (folder / "reference").iterdir()} == expected
    tomllib.loads((folder / "question_sets.toml").read_text(encoding="utf-8"))


def published(shared_data: Path, name: str) -> list[dict[str, str]]:
    path = shared_data / "published" / f"{name}.csv"
    with path.open(encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def figures(row: dict[str, str]) -> tuple[float | None, ...]:
    """The figures by which a row is recognised, whatever its words."""
    row = row | {"accuracy": row.get("accuracy") or row["performance_aime24"]}
    columns = ("n_samples", "accuracy", "n_questions", "params_b", "verifier_params_b")
    return tuple(round(float(row[c]), 9) if row.get(c) else None for c in columns)


ADDED_VERIFIER = {"wu2024_rebase_table1"}
"""The verifier stands in the text of the paper and not in its table."""

SOURCES = sorted((set(fixture_names()) | set(reference_names())) - ALSO_ELSEWHERE)


@pytest.mark.realdata
@pytest.mark.parametrize("name", SOURCES)
def test_no_published_row_is_lost_or_altered(shared_data: Path, name: str) -> None:
    kept = [
        row | ({"verifier_params_b": ""} if name in ADDED_VERIFIER else {})
        for row in (rows_of(fixture_path(name)) if name in fixture_names() else [])
    ]
    kept += rows_of(reference_path(name)) if name in reference_names() else []
    source = published(shared_data, name)
    assert len(kept) == len(source)
    assert Counter(map(figures, kept)) == Counter(map(figures, source))


@pytest.mark.realdata
@every_fixture
def test_every_accuracy_stands_beside_its_own_model(shared_data: Path, name: str) -> None:
    codebook = load_codebook(name)
    wording = {m.slug: m.source for m in codebook.models}
    questions = defaultdict(set)
    for q in codebook.question_sets:
        questions[q.question_set, q.bucket].add(q.source)
    printed = {
        (r["model"], r.get("bucket") or r["bucket_or_dataset"], *figures(r)[:3])
        for r in published(shared_data, name)
    }
    for row in rows_of(fixture_path(name)):
        wanted = {
            (model, asked, *figures(row)[:3])
            for model in wording[row["model"]]
            for asked in questions[row["question_set"], row["bucket"]]
        }
        assert wanted & printed, row
