"""What a query costs: from a method's tokens to FLOPs, seconds, GPUs and dollars.

    methods/     tokens that a method generates and reads, for (n, depth, width)    -> TokenWork
    shape        what of a model's architecture its cost depends on                 -> Shape
    generic      the same for a model without a known architecture
    work         axes and lengths of a query, and what follows       -> Spending, TokenWork
    flops        FLOPs of a TokenWork, in full and as papers count them
    seconds      time of a decode step and of a prefill pass on an accelerator
    memory       what fits on how many GPUs, and the largest batch
    fleets       replicas at their operating batch; GPU-seconds of a TokenWork       -> Fleet
    idle         one query alone on a replica
    hardware     an accelerator's rates and what kernels reach of them             -> Hardware
    lengths      how long samples are, and the longest of n
    queueing     a replica under load: limited processor sharing
    latency      p50 and p95 of a query in a full batch and at a load
    supply       what serves and at which price, drawn once for all options        -> Supply
    had, blocks  GPUs that can be had at one price each, owned to rented             -> PricedBlock
    ownership    an hour of a bought GPU, and its energy
    api          dollars of a TokenWork bought by the token, request by request
    billing      the terms of that, from the price cards                           -> ApiBilling
    training     FLOPs, GPU-hours and dollars of training; labels
    capex        what has to be trained, as a scenario says it                           -> Bill
    assumptions, money_assumptions  every constant that is not measured, with its reason

A cost is linear in the tokens once a fleet's operating point is known: `operating_fleet` does the
slow part once for each fleet, and pricing an option is a few multiplications of arrays.
Arrays broadcast over any leading axes; the last axis is `n`, the first usually `draw`, whose row 0
is the central case.
"""
