"""Published price and FLOP examples that no other file holds; docs/published.md lists them all."""

from __future__ import annotations

from math import sqrt

import pytest
from published_forms import nominal_flop, tokens_per_s_at_size, usd_per_solved

from planner.cost.flops import full_flop
from planner.cost.methods import tokens_of
from planner.cost.shape import Shape
from planner.cost.training import training_flop
from planner.cost.work import Spending
from planner.economics.flop_frontier import Arm, best_at, frontier_steps

# Wu et al. 2024 (arXiv:2408.00724), Table 1, MATH-500, weighted vote with one 34B reward model:
# FLOPs a question as printed, and the tokens of a sample that 2 N a token makes of them.
WU = {
    ("mistral-7b", "weighted_vote", 256): (8.70e14, 42.8, 243),
    ("mistral-7b", "rebase", 32): (1.36e14, 45.0, 304),
    ("llemma-7b", "weighted_vote", 256): (10.0e14, 45.5, 279),
    ("llemma-7b", "rebase", 32): (1.48e14, 46.8, 330),
    ("llemma-34b", "weighted_vote", 64): (12.1e14, 46.7, 278),
    ("llemma-34b", "rebase", 32): (7.08e14, 49.2, 325),
}
SIZE = {"mistral-7b": 7.0, "llemma-7b": 7.0, "llemma-34b": 34.0}
REWARD_B = 34.0


def wu_flop(arm: tuple[str, str, int], tokens: float, verifier_b: float = 0.0) -> float:
    model, method, n = arm
    work = tokens_of(
        method, Spending(n=float(n), prompt_tokens=100, output_tokens=tokens, depth=8.0)
    )
    return float(nominal_flop(SIZE[model], work, verifier_b))


@pytest.mark.parametrize("arm", sorted(WU))
def test_wu_table_1_is_2_n_a_token_without_its_reward_model(arm: tuple[str, str, int]) -> None:
    printed, _, tokens = WU[arm]
    assert wu_flop(arm, tokens) == pytest.approx(printed, rel=0.01)


def arms(verifier_b: float) -> list[Arm]:
    found = []
    for arm, (_, accuracy, tokens) in WU.items():
        flop = wu_flop(arm, tokens, verifier_b)
        found.append(Arm(f"{arm}", arm[0], arm[1], "prm", arm[2], flop, accuracy / 100))
    return found


def test_wu_budgets_buy_what_the_paper_says() -> None:
    """As printed: 1.4e14 buys 45.0, 1.5e14 46.8, 7.1e14 49.2; sampling is never on the frontier."""
    printed = arms(0.0)
    bought = [best_at(printed, budget) for budget in (1.4e14, 1.5e14, 7.1e14, 1e17)]
    assert bought == pytest.approx([0.45, 0.468, 0.492, 0.492])
    assert {step.method for step in frontier_steps(printed)} == {"rebase"}
    assert pytest.approx(6.76, abs=0.005) == 10.0 / 1.48


def test_charging_the_reward_model_takes_the_7b_searchs_lead() -> None:
    """The reward model is 34B for both sizes: 7B x 5.86, 34B x 2."""
    seven, large = ("llemma-7b", "rebase", 32), ("llemma-34b", "rebase", 32)
    free = wu_flop(large, 325) / wu_flop(seven, 330)
    charged = wu_flop(large, 325, REWARD_B) / wu_flop(seven, 330, REWARD_B)
    assert wu_flop(seven, 330, REWARD_B) / wu_flop(seven, 330) == pytest.approx(41 / 7, rel=1e-9)
    assert pytest.approx(5.86, abs=0.005) == 41 / 7
    assert wu_flop(large, 325, REWARD_B) / wu_flop(large, 325) == pytest.approx(2)
    # The 34B search costs 4.8 times the 7B's as printed, and 1.6 times with the model charged.
    assert free == pytest.approx(4.78, abs=0.01)
    assert charged == pytest.approx(4.78 * 2 / (41 / 7), abs=0.01)
    # 7B search at n = 32, charged, costs more than the 34B search as the paper prints it.
    assert wu_flop(seven, 330, REWARD_B) > 1.2 * wu_flop(large, 325)


def test_flop_a_token_of_brown_2024(shapes: dict[str, Shape]) -> None:
    """Brown et al. 2024 (arXiv:2407.21787): 2 (params + 2 layers width context) a token.

    Ours leaves out the embedding table, which is looked up and not multiplied: 6.5% of an 8B
    model, 1.9% of a 7B.
    """
    for name, under in (("llama3-8b", 0.065), ("llama2-7b", 0.02)):
        shape, context = shapes[name], 1000.0
        theirs = 2 * (shape.params + 2 * shape.layers * shape.width * context)
        work = tokens_of(
            "greedy",
            Spending(n=1.0, prompt_tokens=context, output_tokens=1.0, length_cv=0.0),
        )
        ours = float(full_flop(work, shape).decode)
        assert 1 - ours / theirs == pytest.approx(under, abs=0.006)


def test_cost_of_pass() -> None:
    """arXiv:2504.13359: dollars an attempt over the probability that it succeeds."""
    assert usd_per_solved(0.13, 1, 0.24) == pytest.approx(0.13 / 0.24)


def test_liu_2025_tables_4_and_5() -> None:
    """arXiv:2502.06703: 6 N D prints 3.65e25; 26.0 to 66.2 is a gain of 154.6%."""
    assert float(training_flop(405e9, 15e12)) == pytest.approx(3.65e25, rel=0.002)
    assert pytest.approx(1.546, abs=5e-4) == 66.2 / 26.0 - 1
    # Its inference FLOPs are 2 N a generated token too: 1,049 and 102,000 tokens a question.
    for params_b, flop, tokens in ((405.0, 4.25e17, 1049.0), (3.0, 3.07e17, 102_333.0)):
        work = tokens_of("sampled", Spending(n=1.0, prompt_tokens=0, output_tokens=tokens))
        assert 500 * float(nominal_flop(params_b, work)) == pytest.approx(flop, rel=0.001)


def test_best_latencies_of_pope_2022_follow_the_square_root_roughly() -> None:
    """4, 13 and 32 ms a token at 8, 62 and 540B: the rule gives 11 (14% under) and 33."""
    for params_b, printed_s, off in ((62.0, 0.013, 0.15), (540.0, 0.032, 0.03)):
        said = 1 / tokens_per_s_at_size(250.0, 8.0, params_b)
        assert said == pytest.approx(printed_s, rel=off)
    assert 1 / tokens_per_s_at_size(250.0, 8.0, 62.0) == pytest.approx(0.004 * sqrt(62 / 8))


def test_budget_accounting_of_snell_2024() -> None:
    """arXiv:2408.03314: best of N and beams cost N, lookahead N (k + 1), revisions their chains."""
    unit = Spending(n=16.0, prompt_tokens=0, output_tokens=1.0, depth=40.0, width=1.0)
    beams = Spending(n=4.0, prompt_tokens=0, output_tokens=1.0, depth=40.0, width=4.0)
    ahead = Spending(
        n=4.0, prompt_tokens=0, output_tokens=1.0, depth=40.0, width=4.0, lookahead_steps=3.0
    )
    chains = Spending(n=4.0, prompt_tokens=0, output_tokens=1.0, depth=3.0)
    assert float(tokens_of("best_of_n", unit).decoded_tokens) == 16
    assert float(tokens_of("beam_search", beams).decoded_tokens) == 16
    assert float(tokens_of("lookahead", ahead).decoded_tokens) == 64
    assert float(tokens_of("revision", chains).decoded_tokens) == 16


def test_generating_verifiers_of_singhi_2025_in_their_units() -> None:
    """arXiv:2504.01005: C = 2 P (T_S S + T_V S V) is S (1 + lambda V) of a sample.

    A verifier that writes V verdicts of T_V tokens for each of S samples, counted as generation.
    """
    params_b, t_s, t_v, s, v = 8.0, 1000.0, 2000.0, 4.0, 8.0
    solve = tokens_of("majority_vote", Spending(n=s, prompt_tokens=0, output_tokens=t_s))
    judge = tokens_of("majority_vote", Spending(n=s * v, prompt_tokens=0, output_tokens=t_v))
    total = float(nominal_flop(params_b, solve) + nominal_flop(params_b, judge))
    one = float(nominal_flop(params_b, tokens_of("greedy", Spending(1.0, 0, t_s))))
    assert total / one == pytest.approx(s * (1 + t_v / t_s * v))
