"""Settings held against their rules, in the words that every such error has."""

from collections.abc import Mapping
from typing import Any


def hold(rules: Mapping[str, tuple[Any, bool]]) -> None:
    """``ValueError`` for the first rule that is not kept: ``<rule>, got <value>``.

    ``rules`` have the value and whether it is kept: ``{"batch must be >= 1": (batch, batch >= 1)}``.
    """
    for rule, (value, kept) in rules.items():
        if not kept:
            raise ValueError(f"{rule}, got {value}")


def hold_training(seed: int, threads: int | None, workers: int, max_minutes: float | None) -> None:
    """The rules of what every training is given, whatever it trains; ``ValueError`` as of ``hold``."""
    hold(
        {
            "seed must be >= 0": (seed, seed >= 0),
            "threads must be >= 1 or null": (threads, threads is None or threads >= 1),
            "workers must be >= 0": (workers, workers >= 0),
            "max_minutes must be > 0 or null": (max_minutes, max_minutes is None or max_minutes > 0),
        }
    )
