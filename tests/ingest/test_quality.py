"""The measured file of observations is found, or its absence is told; nothing is raised."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from planner.ingest.quality import quality_of

SHA256 = "ab" * 32


def write_meta(path: Path, sha256: str = SHA256) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    measured = {
        "schema": "planner.measured/1", "csv": "obs.csv", "sha256": sha256, "seed": 0,
        "inputs": {"log.csv": "cd" * 32},
        "partition": {"name": "none", "sentence": "Not cut.", "deployable": False},
        "replicates": [
            {"question_set": "Q", "questions": 1, "replicates": 1, "rows": [0], "accuracy": ""}
        ],
    }  # fmt: skip
    path.write_text(json.dumps(measured), encoding="utf-8")


@pytest.mark.parametrize("place", ["data", "saved/data", "saved"])
def test_it_is_found_as_named_and_beside_the_curves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write_meta(tmp_path / place / "obs.meta.json")
    quality = quality_of("data/obs.csv", SHA256, tmp_path / "saved")
    assert quality.measured is not None
    assert quality.measured.partition.sentence == "Not cut."
    assert quality.measured.replicates == ()


def test_one_of_another_digest_does_not_hide_the_right_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_meta(tmp_path / "obs.meta.json", "0" * 64)
    write_meta(tmp_path / "saved" / "obs.meta.json")
    assert quality_of("obs.csv", SHA256, tmp_path / "saved").measured is not None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "no obs.meta.json stands beside it"),
        ("{", "obs.meta.json cannot be read"),
        ('{"schema": "planner.measured/1", "more": 1}', "obs.meta.json cannot be read"),
    ],
)
def test_what_is_missing_or_broken_is_a_reason(
    tmp_path: Path, text: str | None, reason: str
) -> None:
    if text is not None:
        (tmp_path / "obs.meta.json").write_text(text, encoding="utf-8")
    quality = quality_of(str(tmp_path / "obs.csv"), SHA256, tmp_path)
    assert quality.measured is None
    assert reason in (quality.reason or "")


@pytest.mark.parametrize("name", ["", "/", ".", "..", "a\0b.csv", "x" * 5000 + ".csv", "no/such/x"])
def test_a_name_that_is_no_name_is_a_reason(tmp_path: Path, name: str) -> None:
    quality = quality_of(name, SHA256, tmp_path)
    assert quality.measured is None
    assert quality.reason
