"""Cards that ship are complete and agree with themselves; a user's own are read with care."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from planner.domain.card import CARD_TYPES, ModelCard, VerifierCard
from planner.domain.cardbook import BUNDLED, CardBook, Head, alias_key
from planner.errors import InputError, Problem
from planner.ingest import fixtures
from planner.ingest.bundled_cards import bundled_cards
from planner.ingest.cards import load_cards

MODEL = """\
schema = "planner.llm/1"
name = "{name}"
title = "Mine"
family = "mine"
tuning = "sft"
{more}
"""
SIZE = """\
nominal_params_b = 7
[[sources]]
covers = ["nominal_params_b"]
title = "measured here"
read = 2026-11-24
"""


@pytest.fixture(scope="module")
def cards() -> CardBook:
    return load_cards()


def write(folder: Path, name: str, text: str, kind: str = "llms") -> Path:
    (folder / kind).mkdir(parents=True, exist_ok=True)
    path = folder / kind / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def problems_of(folder: Path) -> tuple[Problem, ...]:
    with pytest.raises(InputError) as caught:
        load_cards(folder)
    return caught.value.problems


# What ships


def test_the_flagship_models_and_verifiers_have_cards(cards: CardBook) -> None:
    for size, params_b, layers in (("7b", 6.74, 32), ("34b", 33.74, 48)):
        shape = cards.shape_of(cards.model(f"llemma-{size}-sft-levels-1-3"))
        assert shape.params_b == pytest.approx(params_b, rel=1e-3)
        assert (shape.layers, shape.head_dim) == (layers, 128)
        for kind in ("orm", "prm", "oprm"):
            judge = cards.verifier(f"llemma-{size}-{kind}-levels-1-3")
            assert judge.kind == kind.upper()
            assert cards.shape_of(judge).layers == layers


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        ("Llama 3.1 8B Instruct", "llama-3.1-8b-instruct"),
        ("meta-llama/Llama-3.1-8B-Instruct", "llama-3.1-8b-instruct"),
        ("GPT-OSS-20B", "gpt-oss-20b"),
        ("gpt-oss-120b-high", "gpt-oss-120b"),
        ("Qwen/Qwen2.5-Math-7B-Instruct", "qwen2.5-math-7b-instruct"),
        ("qwen3-8b-non-thinking", "qwen3-8b"),
        ("EleutherAI/llemma_7b", "llemma-7b"),
        ("DeepSeek-R1-Distill-Qwen-7B", "deepseek-r1-distill-qwen-7b"),
        ("Mistral-7B", "mistral-7b-v0.1"),
    ],
)
def test_the_words_that_people_type_find_the_card(cards: CardBook, asked: str, name: str) -> None:
    assert cards.model(asked).name == name


def test_every_bundled_card_is_named_like_its_file(project: Path) -> None:
    for kind in CARD_TYPES:
        files = {path.stem for path in (project / "models" / kind).glob("*.toml")}
        assert files == set(getattr(load_cards(), kind)), kind


def test_bundled_cards_are_found_by_what_their_files_say_before_they_are_read(
    tmp_path: Path,
) -> None:
    (tmp_path / "llms").mkdir()
    read, unread = load_cards(tmp_path), bundled_cards()
    assert unread.origins == read.origins
    for kind in CARD_TYPES:
        cards = getattr(read, kind)
        heads = {
            name: Head(card.aliases, getattr(card, "nominal_params_b", None))
            for name, card in cards.items()
        }
        assert list(getattr(unread, kind)) == list(cards), kind
        assert getattr(unread, kind).heads == heads, kind
        assert dict(getattr(unread, kind)) == dict(cards), kind


def test_sources_of_models_and_verifiers_have_an_address_or_say_what_was_computed(
    cards: CardBook,
) -> None:
    for card in (*cards.llms.values(), *cards.verifiers.values()):
        for source in card.sources:
            told = source.url is not None or source.title.startswith("computed from")
            assert told, f"{card.name}: {source.title}"


def test_a_disputed_value_differs_from_the_one_that_the_card_takes(cards: CardBook) -> None:
    for kind in CARD_TYPES:
        for card in getattr(cards, kind).values():
            for other in card.disputed:
                taken = getattr(card, other.field)
                assert taken is not None, f"{card.name}: {other.field}"
                assert taken != other.value, f"{card.name}: {other.field}"


def test_no_two_bundled_cards_claim_one_name(cards: CardBook) -> None:
    for kind in CARD_TYPES:
        words = Counter(
            key
            for card in getattr(cards, kind).values()
            for key in {alias_key(word) for word in (card.name, *card.aliases)}
        )
        assert [key for key, count in words.items() if count > 1] == []


def counted_params(card: ModelCard) -> float:
    """Parameters of a decoder by its shape: embeddings, attention, feed-forward, experts."""
    layers, width, heads = card.layers or 0, card.width or 0, card.heads or 0
    head_dim, kv_heads = card.head_dim or width // heads, card.kv_heads or heads
    matrices = 2 if card.family == "pythia" else 3
    attention = width * head_dim * (2 * heads + 2 * kv_heads)
    expert_layers = layers - (card.dense_layers or 0) if card.experts else 0
    experts = (card.experts or 0) + (card.shared_experts or 0)
    blocks = (layers - expert_layers) * matrices * width * (card.ffn or 0)
    blocks += expert_layers * (experts * matrices * width * (card.expert_ffn or 0))
    embeddings = (card.vocab or 0) * width * (1 if card.tied_embeddings else 2)
    return float(layers * attention + blocks + embeddings)


def has_full_shape(card: ModelCard) -> bool:
    inner = card.expert_ffn if card.experts else card.ffn
    return None not in (card.layers, card.width, card.heads, card.vocab, inner, card.params_b)


def test_sizes_agree_with_shapes(cards: CardBook) -> None:
    full = [s for s in map(cards.shape_of, cards.llms.values()) if has_full_shape(s)]
    assert len(full) > 150
    for shape in full:
        if shape.kv_latent_dim is not None:
            continue
        counted = counted_params(shape) / 1e9
        assert counted == pytest.approx(shape.params_b, rel=0.03), shape.name


def test_compressed_attention_leaves_most_parameters_to_the_experts(cards: CardBook) -> None:
    for name in ("deepseek-v2", "deepseek-v3"):
        shape = cards.model(name)
        attention = (
            (shape.layers or 0)
            * (shape.width or 0)
            * (shape.head_dim or 0)
            * ((shape.heads or 0) * 4)
        )
        outside = (counted_params(shape) - attention) / 1e9
        assert 0.95 * (shape.params_b or 0) < outside < (shape.params_b or 0), name


def test_a_mixture_uses_fewer_parameters_than_it_has_and_a_dense_model_all(
    cards: CardBook,
) -> None:
    for shape in map(cards.shape_of, cards.llms.values()):
        if shape.params_b is None or shape.active_params_b is None:
            continue
        if shape.experts is None:
            assert shape.active_params_b == shape.params_b, shape.name
        else:
            assert shape.active_params_b < 0.5 * shape.params_b, shape.name


def test_names_give_sizes_that_the_models_have(cards: CardBook) -> None:
    for shape in map(cards.shape_of, cards.llms.values()):
        if shape.nominal_params_b is None or shape.params_b is None:
            continue
        ratio = shape.params_b / shape.nominal_params_b
        # Gemma counts no embeddings in its names: a "2B" holds 2.6.
        assert 0.95 < ratio < 1.31, shape.name


def test_windows_and_heads_fit_their_layers(cards: CardBook) -> None:
    for card in cards.llms.values():
        if card.window_layers is not None:
            assert card.window_tokens is not None, card.name
            assert card.window_layers <= (card.layers or 0), card.name
        if card.heads is not None and card.kv_heads is not None:
            assert card.heads % card.kv_heads == 0, card.name
        if card.experts is not None and card.experts_active is not None:
            assert card.experts_active < card.experts, card.name


def test_closed_models_claim_no_size(cards: CardBook) -> None:
    for name in ("gpt-4o", "o1", "gemini-1.5-pro", "claude-3.5-sonnet-2024-10-22"):
        shape = cards.shape_of(cards.model(name))
        assert (shape.params_b, shape.nominal_params_b, shape.layers) == (None, None, None)


def test_every_model_and_verifier_of_the_fixtures_has_a_card(cards: CardBook) -> None:
    for name in fixtures.fixture_names():
        with fixtures.fixture_path(name).open(encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                cards.model(row["model"])
                if row.get("verifier"):
                    cards.verifier(row["verifier"])


def test_published_sizes_of_the_fixtures_agree_with_the_cards(cards: CardBook) -> None:
    for name in fixtures.fixture_names():
        with fixtures.fixture_path(name).open(encoding="utf-8") as lines:
            for row in csv.DictReader(lines):
                card = cards.model(row["model"])
                if row.get("params_b") and card.nominal_params_b is not None:
                    stated = {card.nominal_params_b, cards.shape_of(card).params_b}
                    near = [s for s in stated if s and abs(s / float(row["params_b"]) - 1) < 0.05]
                    assert near, f"{name}: {row['model']} {row['params_b']}"


# A folder of the user's


def test_a_card_in_models_where_the_planner_runs_is_not_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "models", "mine-7b", MODEL.format(name="mine-7b", more=SIZE))
    monkeypatch.chdir(tmp_path)
    book = load_cards()
    assert book.origin(book.model("mine-7b")) == "models/llms/mine-7b.toml"


def test_a_models_folder_without_cards_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of all machine learning repositories have a folder of this name."""
    (tmp_path / "models" / "checkpoints").mkdir(parents=True)
    (tmp_path / "models" / "train.toml").write_text("rate = 1")
    monkeypatch.chdir(tmp_path)
    assert load_cards() is load_cards()
    write(tmp_path / "models", "mine-7b", MODEL.format(name="mine-7b", more=SIZE))
    assert "mine-7b" in load_cards().llms


def test_the_cards_that_ship_are_read_twice_in_their_own_repository(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(project)
    assert load_cards() is load_cards()


def test_a_card_of_the_users_joins_the_bundled_ones(tmp_path: Path) -> None:
    path = write(tmp_path, "mine-7b", MODEL.format(name="mine-7b", more=SIZE))
    book = load_cards(tmp_path)
    mine = book.model("mine-7b")
    assert Path(book.origin(mine)) == path
    assert book.origin(book.model("llemma-7b")) == BUNDLED


def test_a_card_of_the_users_replaces_the_bundled_one_of_its_name(tmp_path: Path) -> None:
    write(tmp_path, "anything", MODEL.format(name="llemma-7b", more=SIZE))
    book = load_cards(tmp_path)
    assert book.model("llemma-7b").title == "Mine"
    assert len(book.llms) == len(load_cards().llms)
    assert load_cards().model("llemma-7b").title == "Llemma 7B"


def test_a_users_verifier_may_rest_on_a_bundled_model(tmp_path: Path) -> None:
    write(
        tmp_path,
        "judge",
        'schema = "planner.verifier/1"\nname = "judge"\ntitle = "Judge"\n'
        'kind = "ORM"\narchitecture = "llemma-7b"\n',
        kind="verifiers",
    )
    book = load_cards(tmp_path)
    assert isinstance(judge := book.verifier("judge"), VerifierCard)
    assert book.shape_of(judge).layers == 32


BROKEN = {
    "a misspelt key": (
        MODEL.format(name="x", more="layrs = 32"),
        "layrs",
        "32",
        "did you mean layers?",
    ),
    "a missing schema": ('name = "x"\n', "schema", None, 'write schema = "planner.llm/1"'),
    "the schema of another folder": (
        MODEL.format(name="x", more="").replace("planner.llm/1", "planner.price/1"),
        "schema",
        "planner.price/1",
        'write schema = "planner.llm/1"',
    ),
    "a number without a source": (
        MODEL.format(name="x", more="layers = 32"),
        "sources",
        None,
        "add them to a [[sources]] covers list",
    ),
    "a source of nothing": (
        MODEL.format(name="x", more=SIZE.replace('["nom', '["nam')),
        "sources",
        None,
        "fields of the card",
    ),
    "an architecture without a card": (
        MODEL.format(name="x", more='architecture = "llema-7b"'),
        "architecture",
        "llema-7b",
        "did you mean llemma-7b?",
    ),
    "an alias of another card": (
        MODEL.format(name="x", more='aliases = ["Llama 3.1 8B"]'),
        "aliases",
        "Llama 3.1 8B",
        "drop it from one of them",
    ),
    "a word where one of a few is wanted": (
        MODEL.format(name="x", more="").replace('"sft"', '"tuned"'),
        "tuning",
        "tuned",
        "write one of 'base', 'instruct', 'sft', 'reasoning' or 'rl'",
    ),
    "a missing key": (
        MODEL.format(name="x", more="").replace('family = "mine"\n', ""),
        "family",
        None,
        "add family = ...",
    ),
    "a misspelt key inside a source": (
        MODEL.format(name="x", more=SIZE + 'adress = "nowhere"\n'),
        "sources.0.adress",
        "nowhere",
        "see the cards that ship",
    ),
    "no TOML at all": ("name: x\n", None, "name: x", "write `key ="),
}


@pytest.mark.parametrize("kind_of_fault", BROKEN)
def test_a_broken_card_names_file_key_value_and_remedy(tmp_path: Path, kind_of_fault: str) -> None:
    text, key, value, remedy = BROKEN[kind_of_fault]
    path = write(tmp_path, "x", text)
    (problem,) = problems_of(tmp_path)
    assert problem.where == (f"{path}:1:5" if key is None else str(path))
    assert problem.column == key
    assert problem.value == value
    assert remedy in (problem.remedy or "")


@pytest.mark.parametrize(
    ("shape", "key", "what"),
    [
        ({"experts": 8, "experts_active": 16}, "experts_active", "is 16, over experts 8"),
        ({"layers": 32, "dense_layers": 40}, "dense_layers", "over layers 32"),
        ({"layers": 32, "window_layers": 33}, "window_layers", "over layers 32"),
        ({"layers": 32, "window_layers": 16}, "window_layers", "needs the tokens of the window"),
        ({"heads": 32, "kv_heads": 64}, "kv_heads", "over heads 32"),
        ({"heads": 32, "kv_heads": 5}, "kv_heads", "is 5 of 32 heads"),
        ({"width": 4096, "heads": 30}, "head_dim", "not whole"),
        ({"params_b": 7, "active_params_b": 70}, "active_params_b", "over params_b 7"),
        ({"params_b": "inf"}, "params_b", "finite"),
    ],
)
def test_a_shape_that_no_model_can_have_is_priced(
    tmp_path: Path, shape: dict[str, object], key: str, what: str
) -> None:
    lines = "\n".join(f"{name} = {value}" for name, value in shape.items())
    source = f"""
[[sources]]
covers = {list(shape)}
title = "a"
read = 2026-11-24
"""
    path = write(tmp_path, "x", MODEL.format(name="x", more=lines + source))
    (problem,) = problems_of(tmp_path)
    assert problem.where == str(path)
    assert problem.column == key
    assert what in problem.what
    assert problem.remedy


def test_every_problem_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, "a", BROKEN["a misspelt key"][0].replace('"x"', '"a"'))
    write(tmp_path, "b", BROKEN["an alias of another card"][0].replace('"x"', '"b"'))
    write(tmp_path, "c", "name: c\n")
    write(tmp_path, "d", MODEL.format(name="d", more='layrs = 32\nheds = 4\ntitel = "D"'))
    assert [Path(p.where).name for p in problems_of(tmp_path)] == [
        "a.toml",
        "c.toml:1:5",
        "d.toml",
        "d.toml",
        "d.toml",
        "b.toml",
    ]


def test_two_files_of_one_name_are_both_named(tmp_path: Path) -> None:
    write(tmp_path, "one", MODEL.format(name="same", more=""))
    write(tmp_path, "two", MODEL.format(name="same", more=""))
    (problem,) = problems_of(tmp_path)
    assert "one.toml" in problem.what
    assert problem.where.endswith("two.toml")


def test_a_circle_of_architectures_is_told_of_both_cards(tmp_path: Path) -> None:
    write(tmp_path, "p", MODEL.format(name="p", more='architecture = "q"'))
    write(tmp_path, "q", MODEL.format(name="q", more='architecture = "p"'))
    write(tmp_path, "r", MODEL.format(name="r", more='architecture = "q"'))
    assert [p.what for p in problems_of(tmp_path)] == [
        "the architecture leads in a circle: p -> q -> p",
        "the architecture leads in a circle: q -> p -> q",
    ]


def test_a_card_outside_its_folder_and_a_folder_that_is_not_there_are_told(tmp_path: Path) -> None:
    (tmp_path / "stray.toml").write_text("", encoding="utf-8")
    (problem,) = problems_of(tmp_path)
    assert "move it into one of llms/" in (problem.remedy or "")
    (problem,) = problems_of(tmp_path / "nowhere")
    assert "no such folder" in problem.what


def test_a_card_that_is_not_text_is_told(tmp_path: Path) -> None:
    write(tmp_path, "x", "").write_bytes(b"\xff\xfe\x00name")
    (problem,) = problems_of(tmp_path)
    assert "UTF-8" in (problem.remedy or "")
