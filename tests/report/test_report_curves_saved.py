"""From logs to a page of curves by commands alone: saved curves, and the quality of the data."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from sample_curves import log_of, planner
from test_report_numbers import section
from test_report_page import words

from planner.units import format_percent


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a log was measured, fitted and reported, with no hand edits."""
    folder = tmp_path_factory.mktemp("measured")
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        log_of(folder / "log.csv")
        for line in (
            "measure log.csv -o obs.csv",
            "fit obs.csv -o curves.json",
            "report curves.json -o page.html",
            "report obs.csv -o direct.html",
        ):
            done = planner(*line.split())
            assert done.exit_code == 0, (line, done.output)
    return folder


def read(folder: Path, name: str = "page.html") -> str:
    return (folder / name).read_text(encoding="utf-8")


def test_observations_and_their_saved_curves_have_the_same_page(measured: Path) -> None:
    pages = [read(measured, name) for name in ("page.html", "direct.html")]
    first, second = (page[: page.index('<section id="sources"')] for page in pages)
    assert first == second


def test_the_printed_commands_make_the_page_again(
    measured: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(measured)
    for name in ("page.html", "direct.html"):
        before = read(measured, name)
        commands = [
            line
            for block in re.findall(r'<pre class="command".*?<code>(.*?)</code>', before, re.DOTALL)
            for line in block.splitlines()
        ]
        assert len(commands) == (2 if name == "page.html" else 1)
        for line in commands:
            program, *arguments = shlex.split(line)
            assert program == "planner"
            assert planner(*arguments).exit_code == 0
        assert read(measured, name) == before


def test_data_quality_is_that_of_the_measured_file(measured: Path) -> None:
    meta = json.loads((measured / "obs.meta.json").read_text(encoding="utf-8"))
    quality = section(read(measured), "quality")
    told = words(quality)
    assert meta["partition"]["sentence"] in told
    for bucket in meta["partition"]["buckets"]:
        assert f"Maths {bucket['bucket']} {bucket['questions']}" in told
    whole = next(q for q in meta["verifier_quality"] if q["bucket"] == "all")
    assert 0.5 < whole["auc"] < 1
    assert f"{whole['samples']} {whole['auc']:.3f} {whole['calibration_error']:.3f}" in told
    for gap in meta["gaps"]:
        picked = [format_percent(gap[k]) for k in ("oracle", "verifier_picked", "vote")]
        missed = f"{(gap['oracle'] - gap['verifier_picked']) * 100:.1f}"
        assert " ".join(["on Maths", str(gap["n_samples"]), *picked, missed]) in told


def test_what_was_not_measured_and_left_out_is_told_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    log_of(tmp_path / "log.csv")
    lines = read(tmp_path, "log.csv").splitlines()
    bare = [",".join(line.split(",")[:6]) for line in lines]
    (tmp_path / "log.csv").write_text("\n".join(bare) + "\n", encoding="utf-8")
    assert planner("measure", "log.csv", "-o", "obs.csv").exit_code == 0
    meta = json.loads(read(tmp_path, "obs.meta.json"))
    meta["left_out"] = [{"where": "log.csv:9", "why": "it holds no grade", "rows": 2}]
    (tmp_path / "obs.meta.json").write_text(json.dumps(meta), encoding="utf-8")
    assert planner("report", "obs.csv", "-o", "page.html").exit_code == 0
    told = words(section(read(tmp_path), "quality"))
    assert meta["not_measured"]
    assert f"Not measured: {meta['not_measured'][0]['what']}" in told
    assert meta["not_measured"][0]["why"] in told
    assert "Left out: 2 rows of log.csv:9: it holds no grade." in told
    assert "No verifier scores were logged" in told


def moved(folder: Path, to: Path, *names: str) -> None:
    for name in names:
        (to / name).write_bytes((folder / name).read_bytes())


def quality_after(folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    elsewhere = folder / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    done = planner("report", folder / "curves.json", "-o", folder / "page.html")
    assert done.exit_code == 0, done.output
    return words(section(read(folder), "quality"))


def test_the_measured_file_is_found_beside_moved_curves(
    measured: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved(measured, tmp_path, "curves.json", "obs.meta.json")
    assert "AUC" in quality_after(tmp_path, monkeypatch)


def test_a_measured_file_that_is_gone_is_said_to_be(
    measured: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moved(measured, tmp_path, "curves.json", "obs.csv")
    told = quality_after(tmp_path, monkeypatch)
    assert "obs.csv: not known, for no obs.meta.json stands beside it" in told
    assert "AUC" not in told


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"sha256": "0" * 64}, "was written for another obs.csv"),
        ({"schema": "planner.measured/9"}, "obs.meta.json cannot be read"),
    ],
)
def test_a_measured_file_of_other_data_is_not_shown(
    measured: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    change: dict[str, str],
    reason: str,
) -> None:
    moved(measured, tmp_path, "curves.json")
    meta = json.loads(read(measured, "obs.meta.json"))
    (tmp_path / "obs.meta.json").write_text(json.dumps(meta | change), encoding="utf-8")
    told = quality_after(tmp_path, monkeypatch)
    assert reason in told
    assert "AUC" not in told


def changed(measured: Path, tmp_path: Path, **fields: Any) -> Path:
    saved = json.loads(read(measured, "curves.json"))
    path = tmp_path / "curves.json"
    path.write_text(json.dumps(saved | fields), encoding="utf-8")
    return path


def test_fields_of_a_later_fit_do_not_break_the_page(measured: Path, tmp_path: Path) -> None:
    saved = json.loads(read(measured, "curves.json"))
    for curve in saved["curves"]:
        curve["elbow"] = {"n": 3}
        for point in (*curve["predictions"], *curve["measured"]):
            point["joules"] = 2.5
    path = changed(measured, tmp_path, curves=saved["curves"], engine={"name": "x"})
    assert planner("report", path, "-o", tmp_path / "p.html").exit_code == 0


def test_curves_of_an_earlier_fit_are_drawn_from_their_predictions(
    measured: Path, tmp_path: Path
) -> None:
    saved = json.loads(read(measured, "curves.json"))
    for curve in saved["curves"]:
        del curve["measured"], curve["far_gaps"], curve["n_measured"]
    path = changed(measured, tmp_path, curves=saved["curves"])
    assert planner("report", path, "-o", tmp_path / "p.html").exit_code == 0
    assert read(tmp_path, "p.html").count("<figure") == read(measured).count("<figure")


def test_curves_that_are_no_curves_are_refused_with_their_place(
    measured: Path, tmp_path: Path
) -> None:
    saved = json.loads(read(measured, "curves.json"))
    saved["curves"][1]["predictions"][0]["accuracy"] = 66.2
    saved["curves"][2]["model"] = "m\u202eb"
    path = changed(measured, tmp_path, curves=saved["curves"])
    done = planner("report", path, "-o", tmp_path / "p.html")
    assert done.exit_code == 2
    assert "curves.1.predictions.0.accuracy" in done.output
    assert "curves.2.model" in done.output
    assert "characters that cannot be seen" in done.output
    assert not (tmp_path / "p.html").exists()


def test_a_file_without_a_curve_says_so(measured: Path, tmp_path: Path) -> None:
    path = changed(measured, tmp_path, curves=[], inputs={}, warnings=[], draws=0)
    assert planner("report", path, "-o", tmp_path / "p.html").exit_code == 0
    told = words(read(tmp_path, "p.html"))
    assert "No curve could be fitted" in told
    assert "does not say what it was fitted to" in told


def test_many_warnings_of_a_kind_are_counted_and_rows_left_out_are_named(
    measured: Path, tmp_path: Path
) -> None:
    path = changed(
        measured,
        tmp_path,
        warnings=[{"code": "far", "message": f"gap number {i}"} for i in range(9)],
        left_out=[{"where": "obs.csv:7", "why": "it is there twice"}],
    )
    assert planner("report", path, "-o", tmp_path / "p.html").exit_code == 0
    told = words(section(read(tmp_path, "p.html"), "warnings"))
    assert "gap number 4" in told
    assert "gap number 5" not in told
    assert "4 more of this kind" in told
    assert "Left out of the curves: obs.csv:7: it is there twice." in told


def test_json_holds_the_curves_and_what_is_known_of_the_data(measured: Path) -> None:
    out = measured / "out.json"
    assert planner("report", measured / "curves.json", "-o", out).exit_code == 0
    found = json.loads(out.read_text(encoding="utf-8"))
    saved = json.loads(read(measured, "curves.json"))
    assert found["schema"] == "planner.curves/1"
    assert [c["predictions"] for c in found["curves"]] == [
        c["predictions"] for c in saved["curves"]
    ]
    (quality,) = found["data_quality"]
    assert quality["measured"]["verifier_quality"]
    assert not quality["measured"]["replicates"]
    assert planner("report", out, "-o", measured / "again.html").exit_code == 0


def test_a_table_that_is_no_table_is_refused_as_by_fit(tmp_path: Path) -> None:
    (tmp_path / "obs.csv").write_text("model,accuracy\nm,2\n", encoding="utf-8")
    done = planner("report", tmp_path / "obs.csv", "-o", tmp_path / "p.html")
    assert done.exit_code == 2
    assert not (tmp_path / "p.html").exists()
