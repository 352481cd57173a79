"""One query alone on an idle replica: what batching does to a single user's samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from planner.cost.hardware import Hardware
from planner.cost.seconds import decode_step_s, decode_step_shared_s, prefill_s
from planner.cost.shape import Shape
from planner.cost.work import TokenWork

Array = NDArray[np.float64]


@dataclass(frozen=True)
class IdleSeconds:
    """Kernel seconds of a query that has a replica to itself; arrays broadcast."""

    generation_s: Array
    verifier_s: Array

    @property
    def total_s(self) -> Array:
        """Generation, then verification."""
        return self.generation_s + self.verifier_s

    @property
    def verifier_share(self) -> Array:
        """Share of the time that the verifier takes."""
        return self.verifier_s / self.total_s


def idle_query_s(
    generator: Shape,
    hardware: Hardware,
    work: TokenWork,
    verifier: Shape | None = None,
    gpus: int = 1,
    *,
    one_prefix: bool = False,
) -> IdleSeconds:
    """Seconds of a query whose samples are the whole batch.

    generation = prompt pass + a pass a later turn over what it reads again; the first holds a
                 prompt of every sample where they share none
                 + tokens of a sequence x step of `parallel` sequences at mean context
    verifier   = one pass over everything that it reads
    one_prefix: the samples' attention reads one copy of their prompt (cascade attention); without
    it every sample reads its own.
    Decoding is shared over the samples and verification is not: 256 samples cost about 4.6 times
    one (measured), and a verifier's share grows from under 1% to over 40%. A loaded fleet has no
    such gift.

    Raises InputError of one_prefix where the accelerator's card has no cascade constants.
    """
    steps = work.step_tokens * work.serial_steps
    prompt = work.prompt_tokens
    if one_prefix:
        own = work.context_tokens - prompt
        step_s = decode_step_shared_s(generator, hardware, work.parallel, prompt, own, gpus)
    else:
        step_s = decode_step_s(generator, hardware, work.parallel, work.context_tokens, gpus)
    copies = np.where(work.prompt_reads > 1, work.parallel, 1.0)
    read_s = prefill_s(generator, hardware, copies * prompt, prompt, gpus)
    later = np.maximum(work.serial_steps - 1, 1.0)
    # Repeated prompts are counted, not subtracted: a rounding error would be a pass of its own.
    again = work.reread_tokens + np.maximum(work.prompt_reads - copies, 0.0) * prompt
    again_s = later * prefill_s(generator, hardware, again / later, work.read_length, gpus)
    read_s = read_s + np.where(again > 0, again_s, 0.0)
    verify_s = np.zeros_like(step_s)
    if verifier is not None:
        reader = verifier.as_verifier()
        passes = prefill_s(reader, hardware, work.verifier_tokens, work.verifier_length, gpus)
        verify_s = np.where(work.verifier_tokens > 0, passes, 0.0)
    return IdleSeconds(generation_s=read_s + steps * step_s, verifier_s=verify_s)
