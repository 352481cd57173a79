"""How compute is spent on one query, and the tokens that this takes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from planner.cost.assumptions import LENGTH_CV, LOOKAHEAD_STEPS

Array = NDArray[np.float64]
Reads = Literal["none", "once a sample", "each step"]
"""How often a verifier reads a sample: never, when it is finished, or after every step of it."""


@dataclass(frozen=True)
class Spending:
    """The axes of a method and the lengths of a query; all arrays broadcast against each other.

    `n` stands on the last axis; a quantity over draws is given as (draw, 1).
    """

    n: ArrayLike
    """Samples, beams or rollouts, as the method reads them; real numbers are allowed."""
    prompt_tokens: ArrayLike
    output_tokens: ArrayLike
    """Mean generated tokens of one sample, thinking left out."""
    thinking_tokens: ArrayLike = 0.0
    """Thinking tokens of each sample; a cap given here is priced as if it were used up."""
    depth: ArrayLike = 1.0
    """Revisions in a chain, or search steps."""
    width: ArrayLike = 1.0
    """Branches per beam."""
    reads: Reads = "none"
    """What a verifier reads, where there is one. Tree searches read at each step in any case."""
    reader_keeps_prefix: bool = False
    """The verifier caches a prompt and the steps it has read; without this it reads them again."""
    lookahead_steps: ArrayLike = LOOKAHEAD_STEPS
    """Steps rolled ahead of each candidate, k."""
    length_cv: float = LENGTH_CV
    """Coefficient of variation of a sample's length: longer samples meet longer contexts."""

    @property
    def sample_tokens(self) -> Array:
        """Generated tokens of one sample: thinking and answer."""
        return _array(self.output_tokens) + _array(self.thinking_tokens)


@dataclass(frozen=True)
class TokenWork:
    """Tokens of one query; arrays broadcast, the last axis is `n`."""

    prefill_tokens: Array
    """Tokens that the generator reads: the prompt `prompt_reads` times, and what later turns read
    of what was written before."""
    reread_tokens: Array
    """The part of prefill_tokens that the query had written before."""
    decoded_tokens: Array
    """Tokens generated over all samples."""
    context_tokens: Array
    """Mean cached tokens that a generated token attends over."""
    verifier_tokens: Array
    """Tokens that the verifier reads."""
    verifier_passes: Array
    """Sequences that the verifier reads."""
    parallel: Array
    """Sequences generated side by side."""
    serial_steps: Array
    """Generations that wait for one another, on average."""
    tail_steps: Array
    """Those of the slowest tenth of the queries: more than the average where samples are drawn
    until enough are there."""
    prompt_reads: Array
    """Times that the prompt is read: once a query where its samples share it."""
    carried_tokens: Array
    """Tokens of earlier steps that later steps go on from: cached where sequences share what they
    begin with, and read again where they do not, see `without_sharing`."""

    @property
    def prompt_tokens(self) -> Array:
        """Tokens of the prompt."""
        return (self.prefill_tokens - self.reread_tokens) / self.prompt_reads

    @property
    def read_length(self) -> Array:
        """Mean tokens of a sequence that the generator reads: the prompt, and what a turn adds."""
        turns = np.maximum(self.parallel * self.serial_steps, 1.0)
        return self.prompt_tokens + self.reread_tokens / turns

    @property
    def step_tokens(self) -> Array:
        """Tokens of one sequence in one serial step."""
        return self.decoded_tokens / np.maximum(self.parallel * self.serial_steps, 1e-300)

    @property
    def verifier_length(self) -> Array:
        """Mean length of a sequence that the verifier reads."""
        return self.verifier_tokens / np.maximum(self.verifier_passes, 1e-300)


def token_work(
    *,
    prefill_tokens: ArrayLike,
    decoded_tokens: ArrayLike,
    context_tokens: ArrayLike,
    parallel: ArrayLike,
    serial_steps: ArrayLike = 1.0,
    tail_steps: ArrayLike | None = None,
    reread_tokens: ArrayLike = 0.0,
    verifier_tokens: ArrayLike = 0.0,
    verifier_passes: ArrayLike = 0.0,
    carried_tokens: ArrayLike = 0.0,
) -> TokenWork:
    """A TokenWork from anything that NumPy takes, its prompt read once; tail_steps are serial_steps
    where not given.
    """
    return TokenWork(
        prefill_tokens=_array(prefill_tokens),
        reread_tokens=_array(reread_tokens),
        decoded_tokens=_array(decoded_tokens),
        context_tokens=_array(context_tokens),
        verifier_tokens=_array(verifier_tokens),
        verifier_passes=_array(verifier_passes),
        parallel=_array(parallel),
        serial_steps=_array(serial_steps),
        tail_steps=_array(serial_steps if tail_steps is None else tail_steps),
        prompt_reads=_array(1.0),
        carried_tokens=_array(carried_tokens),
    )


def without_sharing(work: TokenWork) -> TokenWork:
    """The work where no sequence shares what it begins with: nothing is cached between requests.

    prompt_reads = parallel x serial_steps: every sample, and every later step or round of it, is a
                   request that reads the prompt
    prefill      = prompt_reads x prompt + reread + carried: a later step of a search also reads the
                   steps that it goes on from
    A verifier reads what it read: the prompt with every sample, unless it keeps it.
    """
    reads = np.maximum(work.parallel * work.serial_steps, 1.0)
    again = work.reread_tokens + work.carried_tokens
    return replace(
        work,
        prefill_tokens=reads * work.prompt_tokens + again,
        reread_tokens=again,
        prompt_reads=reads,
    )


def carried(sequences: ArrayLike, sample_tokens: ArrayLike, steps: ArrayLike) -> Array:
    """Tokens that the steps of searched samples go on from: sequences x sum over s = 1..steps of
    sample (s - 1) / steps = sequences x sample x (steps - 1) / 2.
    """
    return _array(sequences) * _array(sample_tokens) * (_array(steps) - 1) / 2


def mean_context(spending: Spending) -> Array:
    """Mean cached tokens over the generation of one sample; see `running_context`."""
    return running_context(spending.prompt_tokens, spending.sample_tokens, spending.length_cv)


def running_context(
    prompt_tokens: ArrayLike, sample_tokens: ArrayLike, length_cv: float = LENGTH_CV
) -> Array:
    """Mean cached tokens that a generated token attends over.

    context = prompt + sample / 2 x (1 + cv^2): the sum over tokens of their context over their
    number is prompt + E[L^2] / (2 E[L]) for samples of random length L. The same mean holds for a
    sequence picked at random from a running batch, and so for the cache that it occupies.
    """
    return _array(prompt_tokens) + _array(sample_tokens) / 2 * (1 + length_cv**2)


def reading(
    spending: Spending, sequences: ArrayLike, steps: ArrayLike = 1.0
) -> tuple[Array, Array]:
    """What a verifier reads of `sequences` samples: (tokens, passes).

    once a sample: sequences x (prompt + sample)
    each step:     sequences x sum over s = 1..steps of (prompt + sample s / steps)
                   = sequences x (steps x prompt + sample x (steps + 1) / 2)
    With `reader_keeps_prefix` the prompt is read once a query and every token of a sample once.
    """
    sequences, steps = _array(sequences), _array(steps)
    prompt, sample = _array(spending.prompt_tokens), spending.sample_tokens
    if spending.reads == "none":
        zero = np.zeros_like(sequences)
        return zero, zero
    if spending.reads == "once a sample":
        steps = np.ones_like(steps)
    if spending.reader_keeps_prefix:
        return prompt + sequences * sample, sequences * steps
    return sequences * (steps * prompt + sample * (steps + 1) / 2), sequences * steps


def _array(value: ArrayLike) -> Array:
    return np.asarray(value, dtype=np.float64)
