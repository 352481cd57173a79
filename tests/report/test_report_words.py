"""A page explains the words that it uses, and no others; it can be read without colour."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from planner.report.charts import style
from planner.report.page import Cell, Column, Picture, Pictures, Section, Table
from planner.report.sections import words
from planner.report.wording_words import WORDS

SAMPLES = ("question", "scenario")


def _explained(*sections: Section) -> set[str]:
    found = words.section(sections)
    if found is None:
        return set()
    (table,) = found.blocks
    assert isinstance(table, Table)
    return {row[0].text for row in table.rows}


def test_a_word_is_explained_where_it_is_used_however_deep_it_stands() -> None:
    table = Table((Column("Queries"),), ((Cell("7B", "majority vote"),),))
    assert _explained(Section("a", "b", "c", (table,))) == {"majority vote"}


def test_a_page_without_hard_words_explains_none() -> None:
    assert words.section([Section("a", "Costs", "It costs $3.", ())]) is None


def test_what_a_chart_is_drawn_with_is_no_word_of_the_page() -> None:
    picture = Picture("key", "t", "", "", "<svg>greedy</svg>", Table((), ()))
    assert _explained(Section("a", "b", "c", (Pictures((picture,)),))) == set()


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_example_pages_explain_what_a_stranger_meets_in_their_headline(
    sample: str, project: Path
) -> None:
    page = (project / f"reports/samples/{sample}.html").read_text(encoding="utf-8")
    section = re.search(r'<section id="words".*?</section>', page, re.DOTALL)
    assert section is not None
    for word in ("verifier, PRM", "@8, n = 8", "weighted vote", "draws, probability, interval"):
        assert f">{word}<" in section[0]


def test_every_word_that_is_explained_is_used_on_an_example_page(project: Path) -> None:
    """But best of n, where no verifier picks, and shadow prices, where no floor binds."""
    pages = "".join(
        (project / f"reports/samples/{sample}.html").read_text(encoding="utf-8")
        for sample in SAMPLES
    )
    unused = {word for word, (pattern, _) in WORDS.items() if not re.search(pattern, pages)}
    assert unused <= {"best of n", "shadow price"}


def test_neighbouring_sides_differ_in_letter_shape_and_colour() -> None:
    for of in (style.side_letter, style.side_shape, style.side_colour):
        assert len({of(side) for side in range(6)}) == 6


def test_the_legend_draws_a_shape_for_each_side(project: Path) -> None:
    template = (project / "reports/templates/blocks.html.jinja").read_text(encoding="utf-8")
    points = re.search(r"set points = \[(.*?)\]", template, re.DOTALL)
    assert points is not None
    assert len(set(re.findall(r'"(M[^"]+)"', points[1]))) == len(style.SHAPES)
