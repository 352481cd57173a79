"""The page of fitted curves: what it says of curves whose truth is known."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from sample_curves import FALLING, GREEDY, RISING, Row, page_of, planner, rows, write
from test_report_numbers import rows as cells_by_row
from test_report_numbers import section
from test_report_page import Reader, words

from planner.report.sections import multiples
from planner.report.wording_curves import TITLE

HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{ 7 * 7 }} & </svg>"]


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("two")
    return page_of(folder, rows("big", RISING), rows("small", FALLING))


ALWAYS = [key for key in TITLE if key not in ("surfaces", "sizes")]
"""Sizes stand only where they were asked for, surfaces where two axes were measured."""


@pytest.mark.parametrize("key", ALWAYS)
def test_every_section_stands_on_the_page_in_order(two: str, key: str) -> None:
    assert re.findall(r'<section id="([^"]*)"', two) == ALWAYS
    assert TITLE[key] in words(two)


def test_the_headline_names_the_curve_that_gains_most_with_its_ends(two: str) -> None:
    (headline,) = re.findall(r"<h1[^>]*>(.*?)</h1>", two)
    assert re.fullmatch(
        r"big majority vote gains most from more samples: from 20\.0 ± [\d.]+% at n = 1 to"
        r" 52\.0 ± [\d.]+% at n = 16 \(Maths, all questions\)\.",
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
        r"small majority vote, from 42\.0 ± [\d.]+% at n = 4 to 34\.0 ± [\d.]+% at n = 16"
        r" \(Maths, all questions\)\.",
        told,
    )
    assert cells_by_row(section(two, "table"))["small [majority vote]"][4] == "4"


def test_a_gain_within_the_noise_is_not_sold_as_one(tmp_path: Path) -> None:
    noisy = page_of(tmp_path, rows("m", {1: 0.50, 2: 0.51, 4: 0.52}, questions=100))
    assert "The two 90% intervals overlap." in noisy
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
    accuracies, _ = re.findall(r"<table.*?</table>", section(two, "table"), re.DOTALL)
    table = cells_by_row(accuracies)
    headings = re.findall(r'<th scope="col"[^>]*>(n = [\d,]+)</th>', accuracies)
    shown = dict(zip(headings, table["big [majority vote]"][1:], strict=True))
    for n, accuracy in RISING.items():
        assert re.fullmatch(rf"{accuracy * 100:.1f} \[±.[\d.]+\]", shown[f"n = {n}"]), n
    assert re.fullmatch(r"[\d.]+ ×4 \[±.[\d.]+\s\(±.[\d.]+\)\]", shown["n = 64"])
    assert table["big [majority vote]"][0] == "Maths [all questions]"


def test_one_point_is_listed_and_drawn_only_where_another_has_a_curve(tmp_path: Path) -> None:
    alone = page_of(tmp_path, rows("m", {1: 0.3}, GREEDY))
    assert "Everything was measured at one n only" in words(alone)
    assert "Maths, all questions was measured at one n only" in words(alone)
    assert "<figure" not in alone
    assert cells_by_row(section(alone, "table"))["m [greedy]"][1] == "1"
    assert re.fullmatch(r"30.0 ± [\d.]+%", cells_by_row(section(alone, "table"))["m [greedy]"][2])
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
    assert "drawn are 6 of 60" in words(page)
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


def test_more_charts_than_a_page_holds_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(multiples, "MOST_CHARTS", 3)
    page = page_of(tmp_path, *(rows("m", RISING, bucket=f"b{i}") for i in range(5)))
    assert page.count("<figure") == 3
    assert "2 charts are left out beyond the first 3" in words(page)


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
    (policy,) = [a["content"] for _, a in Reader(two).elements if a.get("http-equiv")]
    rules = policy.split("; ")
    assert rules[:3] == ["default-src 'none'", "style-src 'unsafe-inline'", "img-src data:"]
    assert re.fullmatch(r"script-src 'sha256-[^ ']+'", rules[3])
    assert rules[4:] == ["base-uri 'none'", "form-action 'none'"]


def test_charts_describe_themselves_and_hold_their_numbers(two: str) -> None:
    (figure,) = re.findall(r"<figure.*?</figure>", two, re.DOTALL)
    assert "big majority vote: 20% at n = 1, 52% at n = 16." in words(figure)
    assert re.search(r"A 16 52% [\d.]+% to [\d.]+% measured", words(figure))
    assert "beyond the data" in figure
    assert 'stroke-dasharray="6,4"' in figure


def test_coverage_alone_is_drawn_before_the_single_samples_it_starts_from(tmp_path: Path) -> None:
    """Flat lines of one sample each would take the colours of the curves above them."""
    page = page_of(
        tmp_path,
        *(rows(f"m{i}", {1: 0.1 + i / 50}, "sampled") for i in range(6)),
        *(
            rows(f"m{i}", {1: 0.1 + i / 50, 4: 0.3 + i / 50, 16: 0.6 + i / 50}, "oracle_best_of_n")
            for i in range(6)
        ),
    )
    legend = re.findall(r"</span>\s*(m\d [^<]*?)\s*<", section(page, "curves"))
    assert legend == [f"m{i} coverage (perfect verifier)" for i in range(5, -1, -1)]
    assert "are in the table" not in words(section(page, "curves"))


def test_greedy_stands_before_coverage_where_votes_can_be_bought(tmp_path: Path) -> None:
    page = page_of(
        tmp_path,
        rows("m", {1: 0.3, 4: 0.6}, "oracle_best_of_n"),
        rows("m", {1: 0.3}, "sampled"),
        rows("m", {1: 0.35}, GREEDY),
        rows("m", RISING),
    )
    legend = re.findall(r"</span>\s*(m [^<]*?)\s*<", section(page, "curves"))
    assert legend == ["m majority vote", "m greedy", "m coverage (perfect verifier)"]


def test_what_a_curve_tells_stands_beside_it_with_its_intervals(two: str) -> None:
    facts = cells_by_row(section(two, "table"))
    big, small = facts["big [majority vote]"], facts["small [majority vote]"]
    assert re.match(r"\d+% [a-z ]+", big[1])
    assert re.fullmatch(r"(\d+\.\d|–) \[\d+ to \d+\]", big[2])
    assert re.fullmatch(r"[+-]?\d+\.\d \[[+-]?\d+\.\d to [+-]?\d+\.\d\sfrom n = 16\]", big[5])
    assert big[6] == "–"
    assert re.fullmatch(r"100% \[n 4 to 16\sproven\]", small[6])


def test_a_fall_that_few_questions_show_is_called_unproven(tmp_path: Path) -> None:
    falls = {1: 0.752, 2: 0.796, 4: 0.806, 8: 0.796, 16: 0.788}
    page = page_of(tmp_path, rows("m", falls, "best_of_n", verifier="prm", questions=500))
    assert re.search(r"That fall is not proven: it shows in \d+% of the draws\.", words(page))
    facts = cells_by_row(section(page, "table"))["m [best of n by prm]"]
    assert re.fullmatch(r"\d+% \[n 4 to 16\snot proven\]", facts[6])


def along_depth(folder: Path, *curves: Sequence[Row]) -> Path:
    """Observations of a chain of revisions, of which the fifth breaks what is right."""
    path = write(folder / "obs.csv", *curves)
    lines = path.read_text(encoding="utf-8").splitlines()
    chain = {0: 0.30, 1: 0.38, 2: 0.42, 4: 0.44, 8: 0.40}
    deep = [f"m,revision,,Maths,all,1,{a},2000,{depth}" for depth, a in chain.items()]
    path.write_text(
        "\n".join([f"{lines[0]},depth", *(f"{line}," for line in lines[1:]), *deep]),
        encoding="utf-8",
    )
    return path


def test_curves_along_depth_have_a_table_of_depths_and_are_no_curves_over_n(tmp_path: Path) -> None:
    path = along_depth(tmp_path, rows("m", RISING))
    assert planner("report", path, "-o", tmp_path / "p.html").exit_code == 0
    page = (tmp_path / "p.html").read_text(encoding="utf-8")
    tables = re.findall(r"<table.*?</table>", section(page, "table"), re.DOTALL)
    headings = [re.findall(r'<th scope="col"[^>]*>([^<]*)</th>', table) for table in tables]
    assert headings[0][2:4] == ["n = 1", "n = 2"]
    assert headings[2][2:5] == ["depth 0", "depth 1", "depth 2"]
    (deep,) = (row for name, row in cells_by_row(tables[2]).items() if name.startswith("m [rev"))
    assert deep[1].startswith("30.0")
    assert deep[2].startswith("38.0")
    (facts,) = (row for name, row in cells_by_row(tables[3]).items() if name.startswith("m [rev"))
    assert facts[4] == "4"
    assert "revision" not in words(section(page, "curves"))
    assert "1 curve of m, by majority vote" in words(page)


def test_a_page_of_depths_alone_says_so_and_its_command_makes_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    along_depth(tmp_path)
    done = planner("fit", "obs.csv", "-o", "curves.json")
    assert done.exit_code == 0, done.output
    assert re.search(r"Accuracy by depth, % +depth 0 +depth 1", done.output)
    assert "n = 1" in done.output
    assert planner("report", "curves.json", "-o", "p.html").exit_code == 0
    page = (tmp_path / "p.html").read_text(encoding="utf-8")
    assert "Nothing was measured along the number of samples" in words(page)
    assert 'id="curves"' not in page
    assert "--at" not in words(section(page, "sources"))


def test_a_surface_shows_every_measured_cell_and_marks_what_lies_between_and_beyond(
    tmp_path: Path,
) -> None:
    measured = {
        (n, tokens): round(0.2 + 0.03 * i + 0.1 * j, 3)
        for i, n in enumerate((1, 4, 16))
        for j, tokens in enumerate((1000, 4000))
    }
    lines = ["model,method,question_set,bucket,n_samples,thinking_tokens,accuracy,n_questions"]
    lines += [f"m,majority_vote,Q,all,{n},{t},{a},2000" for (n, t), a in measured.items()]
    (tmp_path / "obs.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = planner("report", tmp_path / "obs.csv", "-o", tmp_path / "page.html", "--draws", 40)
    assert done.exit_code == 0, done.output
    shown = section((tmp_path / "page.html").read_text(encoding="utf-8"), "surfaces")
    told = cells_by_row(shown)
    for (n, tokens), accuracy in measured.items():
        cell = told[f"n = {n}"][0 if tokens == 1000 else 2]
        assert re.match(rf"{accuracy * 100:.1f} \[± ", cell), (n, tokens, cell)
    for n in (1, 4, 16):
        between, beyond = told[f"n = {n}"][1], told[f"n = {n}"][3]
        assert "° [±" in between
        assert "* [±" in beyond
    assert all("* [±" in cell for cell in told["n = 64"])
