"""What a plan was made of: digests of its files and cards, seed, draws and version."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from planner.ask.stage import Stage


def made_of_scenario(
    scenario: Path, stage: Stage, models: Path | None, profile: str | None, draws: int, seed: int
) -> dict[str, Any]:
    """Fields of a scenario's plan that let `planner check` tell what has changed since."""
    from planner.ingest.origins import card_digests, file_digests
    from planner.pipeline.verbs import cards_with

    book, _ = cards_with(models, profile)
    scene = stage.scenario
    used = [("llms", c.model) for c in scene.candidates]
    used += [("verifiers", c.verifier) for c in scene.candidates if c.verifier]
    used += [("accelerators", s.accelerator) for s in scene.supply if s.accelerator]
    files = [scenario, *scene.data.observations, *([Path(profile)] if profile else [])]
    digests = {**file_digests(files), **stage.observations.digests, **card_digests(book, used)}
    return {"inputs": digests, "seed": seed, "draws": draws, "version": _version()}


def made_of_table(options: Path) -> dict[str, Any]:
    """The same fields of a plan over a bare table of options, which is not random."""
    from planner.ingest.origins import file_digests

    return {"inputs": file_digests([options]), "version": _version()}


def _version() -> str:
    from importlib.metadata import version

    return version("inference-planner")
