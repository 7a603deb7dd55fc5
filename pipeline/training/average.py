"""Means of networks' weights: the running one of a fit, which is what is judged and saved, with its start, of several.

The running mean: Polyak & Juditsky 1992, SIAM Journal on Control and Optimization 30:838-855, with old weights
forgotten.
"""

from collections.abc import Sequence
from typing import Any


def follow(mean: Any, network: Any, keep: float, step: int) -> None:
    """``mean = keep * mean + (1 - keep) * network``, in place; what does not count in fractions is copied.

    It forgets its random start soon: at first it reaches back a tenth of the ``step`` steps done.
    """
    import torch

    keep = min(keep, (step + 1) / (step + 10))
    pairs = list(zip(mean.state_dict().values(), network.state_dict().values(), strict=True))
    moving = [pair for pair in pairs if pair[0].dtype.is_floating_point]
    with torch.no_grad():
        torch._foreach_lerp_([own for own, _ in moving], [new for _, new in moving], 1 - keep)
        for own, new in pairs:
            if not own.dtype.is_floating_point:
                own.copy_(new)


def mean_of(states: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The mean of states of one architecture; what does not count in fractions is the last one's.

    For networks that were fitted from the same beginning (model soups: Wortsman et al. 2022, ICML, p. 23965).
    """
    mean, *more = states
    for count, state in enumerate(more, 2):
        mean = between(mean, state, 1 - 1 / count)
    return mean


def between(before: dict[str, Any], after: dict[str, Any], keep: float) -> dict[str, Any]:
    """``keep * before + (1 - keep) * after`` of two states of a network; what does not count in fractions is ``after``.

    Weights that were fitted further lie in one basin with those they began from, and their mean often tells both what
    was known and what is new better than either (WiSE-FT: Wortsman et al. 2022, CVPR, p. 7959).
    """
    return {
        name: before[name].to(new).lerp(new, 1 - keep) if new.dtype.is_floating_point else new
        for name, new in after.items()
    }
