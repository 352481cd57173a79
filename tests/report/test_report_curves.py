"""The page of fitted curves: what it says of curves whose truth is known."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from sample_curves import FALLING, GREEDY, RISING, log_of, page_of, planner, rows, write
from test_report_numbers import rows as cells_by_row
from test_report_numbers import section
from test_report_page import Reader, words

from planner.report.wording_curves import TITLE
from planner.units import format_percent

HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }} & </svg>"]


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("two")
    return page_of(folder, rows("big", RISING), rows("small", FALLING))


@pytest.mark.parametrize("key", TITLE)
def test_every_section_stands_on_the_page_in_order(two: str, key: str) -> None:
    assert re.findall(r'<section id="([^"]*)"', two) == list(TITLE)
    assert TITLE[key] in words(two)  # type: ignore[index]


def test_the_headline_names_the_curve_that_gains_most_with_its_ends(two: str) -> None:
    (headline,) = re.findall(r"<h1[^>]*>(.*?)</h1>", two)
    assert re.fullmatch(
        r"big majority vote gains most from more samples: from 20\.0 ± [\d.]+ % at n = 1 to"
        r" 52\.0 ± [\d.]+ % at n = 16 \(Maths, all questions\)\.",
        headline,
    )


def test_what_was_fitted_is_told_in_one_sentence(two: str) -> None:
    assert (
        "2 curves of big and small, by majority vote, were fitted to accuracies on Maths,"
        " measured at n = 1, 2, 4, 8 and 16." in words(two)
    )


def test_a_falling_curve_is_named_with_its_peak_and_its_end(two: str) -> None:
    told = words(two)
    assert "1 curve falls by half a point or more after a peak within the data" in told
    assert re.search(
        r"small majority vote, from 42\.0 ± [\d.]+ % at n = 4 to 34\.0 ± [\d.]+ % at n = 16"
        r" \(Maths, all questions\)\.",
        told,
    )
    assert cells_by_row(section(two, "table"))["small [majority vote]"][4] == "4"


def test_a_gain_within_the_noise_is_not_sold_as_one(tmp_path: Path) -> None:
    noisy = page_of(tmp_path, rows("m", {1: 0.50, 2: 0.51, 4: 0.52}, questions=100))
    assert "The two 90 % intervals overlap." in noisy
    flat = page_of(tmp_path, rows("m", {1: 0.5, 2: 0.5, 4: 0.503}))
    assert "No curve gains half a point or more" in words(flat)


def test_a_curve_that_stops_climbing_is_named_and_one_that_climbs_is_not(tmp_path: Path) -> None:
    stops = {n: 0.6 - 0.3 / n for n in (1, 2, 4, 8, 16, 32, 64, 128)}
    page = page_of(tmp_path, rows("stops", stops), rows("climbs", RISING))
    told = re.search(r"One curve saturates.*?\.", words(page))
    assert told is not None
    assert "stops majority vote" in told[0]
    table = cells_by_row(section(page, "table"))
    assert 28 <= float(table["stops [majority vote]"][3]) <= 36
    assert table["climbs [majority vote]"][3] == "–"


def test_a_vote_of_two_that_gains_nothing_has_not_saturated(tmp_path: Path) -> None:
    page = page_of(tmp_path, rows("m", {1: 0.4, 2: 0.4, 4: 0.5, 8: 0.6, 16: 0.7}))
    assert cells_by_row(section(page, "table"))["m [majority vote]"][3] == "–"
    assert "saturates within" not in words(page)


def test_coverage_cannot_be_what_gains_most_where_something_can_be_bought(tmp_path: Path) -> None:
    coverage = rows("m", {1: 0.2, 4: 0.6, 16: 0.9}, "oracle_best_of_n")
    both = page_of(tmp_path, coverage, rows("m", RISING))
    assert "<h1" in both
    assert re.search(r"<h1[^>]*>m majority vote gains most", both)
    alone = page_of(tmp_path, coverage)
    assert re.search(r"<h1[^>]*>m coverage \(perfect verifier\) gains most", alone)
    assert "no method that can be bought has a curve here" in alone


def test_accuracies_of_the_table_are_those_measured_and_beyond_is_marked(two: str) -> None:
    table = cells_by_row(section(two, "table"))
    headings = re.findall(r'<th scope="col"[^>]*>(n = [\d,]+)</th>', section(two, "table"))
    shown = dict(zip(headings, table["big [majority vote]"][5:], strict=True))
    for n, accuracy in RISING.items():
        assert re.fullmatch(rf"{accuracy * 100:.1f} \[±.[\d.]+\]", shown[f"n = {n}"]), n
    assert re.fullmatch(r"[\d.]+\* \[±.[\d.]+\]", shown["n = 64"])
    assert table["big [majority vote]"][0] == "Maths [all questions]"


def test_one_point_is_listed_and_drawn_only_where_another_has_a_curve(tmp_path: Path) -> None:
    alone = page_of(tmp_path, rows("m", {1: 0.3}, GREEDY))
    assert "Everything was measured at one n only" in words(alone)
    assert "Maths, all questions was measured at one n only" in words(alone)
    assert "<figure" not in alone
    assert cells_by_row(section(alone, "table"))["m [greedy]"][1] == "– [one point]"
    beside = page_of(tmp_path, rows("m", {1: 0.3}, GREEDY), rows("m", RISING), rows("n", {8: 0.5}))
    assert beside.count("<figure") == 1
    numbers = re.search(r"<figure.*?</figure>", beside, re.DOTALL)
    assert numbers is not None
    assert "its n is fixed" in numbers[0]
    assert re.search(r"n majority vote: 50% at n = 8\.", words(numbers[0]))


def test_sixty_curves_are_all_listed_and_the_most_accurate_are_drawn(tmp_path: Path) -> None:
    curves = [rows(f"m{i:02}", {n: a + i / 300 for n, a in RISING.items()}) for i in range(60)]
    page = page_of(tmp_path, *curves)
    table = cells_by_row(section(page, "table"))
    assert {f"m{i:02} [majority vote]" for i in range(60)} <= set(table)
    legend = re.findall(r"</span>\s*(m\d\d) majority vote", section(page, "curves"))
    assert legend == [f"m{i}" for i in range(59, 53, -1)]
    assert "the 6 most accurate of 60" in words(page)
    assert "the other 54 are in the table" in words(page)
    assert len(page) < 1_000_000


def test_curves_of_a_chart_have_a_colour_each(tmp_path: Path) -> None:
    curves = [rows(f"m{i}", {n: a + i / 50 for n, a in RISING.items()}) for i in range(9)]
    svg = re.search(r"<svg xmlns.*?</svg>", page_of(tmp_path, *curves), re.DOTALL)
    assert svg is not None
    colours = re.findall(r'stroke="(#[0-9a-f]{6})"[^>]*stroke-width="2.2"', svg[0])
    assert len(set(colours)) == 6


def test_each_question_set_and_bucket_has_a_chart_of_its_own(tmp_path: Path) -> None:
    page = page_of(
        tmp_path,
        *(rows("m", RISING, question_set=s, bucket=b) for s in ("A", "B") for b in ("all", "hard")),
    )
    titles = re.findall(r"<figcaption><strong>(.*?)</strong>", page)
    assert titles == ["A, all questions", "A, hard", "B, all questions", "B, hard"]
    assert len(re.findall("How to read it", page)) == 1


def test_more_charts_than_a_page_holds_are_counted(tmp_path: Path) -> None:
    page = page_of(tmp_path, *(rows("m", RISING, bucket=f"b{i:02}") for i in range(38)))
    assert page.count("<figure") == 36
    assert "2 charts are left out beyond the first 36" in words(page)


def test_series_that_differ_in_an_axis_alone_have_names_that_differ(tmp_path: Path) -> None:
    path = write(tmp_path / "obs.csv", rows("m", RISING), rows("m", FALLING))
    lines = path.read_text(encoding="utf-8").splitlines()
    heated = [lines[0] + ",temperature", *(line + ",0.5" for line in lines[1:6])]
    path.write_text("\n".join([*heated, *(line + ",1" for line in lines[6:])]), encoding="utf-8")
    assert planner("report", path, "-o", tmp_path / "p.html").exit_code == 0
    told = words((tmp_path / "p.html").read_text(encoding="utf-8"))
    assert "m majority vote, temperature 0.5 gains most" in told
    assert "m majority vote, temperature 1, from 42.0" in told


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_stay_text(tmp_path: Path, two: str, name: str) -> None:
    page = page_of(
        tmp_path,
        rows(name, RISING, "best_of_n", verifier=name, question_set=name, bucket=name),
        rows("small", FALLING, question_set=name, bucket=name),
    )
    plain, read = Reader(two), Reader(page)
    assert read.open == []
    for tag in ("script", "img", "svg", "section", "figure", "title"):
        count = [t for t, _ in plain.elements].count(tag)
        assert [t for t, _ in read.elements].count(tag) == count, tag
    assert not [a for _, a in read.elements if any(key.startswith("on") for key in a)]
    assert name in "".join(read.texts), "the text itself must still be shown"
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert data is not None
    assert json.loads(data[1])["curves"][0]["model"] == name


def test_nothing_on_the_page_reaches_outside(two: str) -> None:
    for tag, attributes in Reader(two).elements:
        for key, value in attributes.items():
            if key in {"src", "href", "xlink:href", "action", "data", "poster", "srcset"}:
                assert (value or "").startswith(("#", "data:")), (tag, key, value)
    assert not re.search(r"url\([^#]|@import|<link", two)
    policy = [a["content"] for _, a in Reader(two).elements if a.get("http-equiv")]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:"]


def test_charts_describe_themselves_and_hold_their_numbers(two: str) -> None:
    (figure,) = re.findall(r"<figure.*?</figure>", two, re.DOTALL)
    assert "big majority vote: 20% at n = 1, 52% at n = 16." in words(figure)
    assert re.search(r"A 16 52% [\d.]+% to [\d.]+% measured", words(figure))
    assert "beyond the data" in figure
    assert 'stroke-dasharray="6,4"' in figure


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
