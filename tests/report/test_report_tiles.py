"""The headline numbers of an answer, beside those of the side that it is held against."""

from __future__ import annotations

import pytest
from sample_answer import sample_answer

from planner.domain.answer import Answer
from planner.report.page import Tile, Tiles
from planner.report.sections.pages import answer_page
from planner.report.sections.tiles import Beside, Figures, figure_tiles


def tiles_of(answer: Answer) -> tuple[Tile, ...]:
    block = answer_page(answer).sections[0].blocks[0]
    assert isinstance(block, Tiles)
    return block.tiles


def test_an_answer_has_five_tiles_beside_the_other_side() -> None:
    answer = sample_answer()
    found = tiles_of(answer)
    assert [tile.label for tile in found] == [
        *("Accuracy", "Cost a day", "Cost a correct answer", "95% answered within"),
        "Probability",
    ]
    other = "B" if answer.leader == answer.sides[0] else "A"
    assert all(f" {other}: " in tile.detail for tile in found[:4])
    assert answer.leader in found[-1].detail


def test_tiles_are_of_the_side_ahead_whichever_it_is() -> None:
    answer = sample_answer()
    for leader in answer.sides:
        ahead = answer.model_copy(update={"leader": leader})
        row = next(o for o in answer.options if o.side == answer.sides.index(leader))
        assert tiles_of(ahead)[0].value == f"{row.accuracy:.1%}"
        assert row.label in answer_page(ahead).sections[0].lead


def test_a_question_of_one_side_has_no_one_to_be_better_than() -> None:
    answer = sample_answer()
    alone = answer.model_copy(
        update={
            "sides": answer.sides[:1],
            "leader": answer.sides[0],
            "options": tuple(o for o in answer.options if o.side == 0),
        }
    )
    found = tiles_of(alone)
    assert [tile.tone for tile in found] == ["plain"] * 4
    assert "than" not in "".join(tile.detail for tile in found)


@pytest.mark.parametrize(
    ("own", "other", "tones"),
    [
        (Figures(0.5, 100, 0.01, 2.0), Figures(0.4, 200, 0.02, 3.0), ["good"] * 4),
        (Figures(0.4, 200, 0.02, 3.0), Figures(0.5, 100, 0.01, 2.0), ["bad"] * 4),
        (Figures(0.5, 100, 0.01, 2.0), Figures(0.505, 104, 0.0104, 2.05), ["plain"] * 4),
    ],
    ids=["better", "worse", "too close to matter"],
)
def test_a_tile_says_in_words_what_its_colour_says(
    own: Figures, other: Figures, tones: list[str]
) -> None:
    found = figure_tiles(own, Beside(other, "B", points=0.01, part=0.05))
    assert [tile.tone for tile in found] == tones
    said = {"good": "better than B:", "bad": "worse than B:", "plain": "like B:"}
    assert all(said[tile.tone] in tile.detail for tile in found)
