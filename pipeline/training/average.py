"""The running mean of a network's weights, which is what is judged and saved.

Polyak & Juditsky 1992, SIAM Journal on Control and Optimization 30:838-855, with old weights forgotten.
"""

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
