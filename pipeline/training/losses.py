"""What a wrong answer costs: choices for behaviours that are rare, or easy. Letters: B clips, K behaviours.

======================  =============================================================================================
``cross_entropy``       every clip counts alike
``focal``               sure and right costs little: ``(1 - p)^2`` (Lin et al. 2017, Focal Loss for Dense Object
                        Detection, ICCV, equation 4)
``class_balanced``      a behaviour's clips weigh ``(1 - b) / (1 - b^n)``, b = 0.999 (Cui et al. 2019, Class-Balanced
                        Loss Based on Effective Number of Samples, CVPR, equation 4)
``equalization``        a rare behaviour is not pushed down by the clips of the others, by a chance of 0.9 (Tan et al.
                        2020, Equalization Loss for Long-Tailed Object Recognition, CVPR, section 3.4: softmax)
``logit_adjustment``    a behaviour's logit is raised by the logarithm of its share (Menon et al. 2021, Long-Tail
                        Learning via Logit Adjustment, ICLR, equation 10, tau = 1)
======================  =============================================================================================
"""

from collections.abc import Callable
from typing import Any

from pipeline.types import IntArray

_FOCUS = 2.0
_OVERLAP = 0.999
_SPARED, _RARE = 0.9, 0.5  # chance; a behaviour is rare whose share is under this part of an equal one

Loss = Callable[[Any, Any], Any]


def loss(name: str, counts: IntArray, smoothing: float) -> Loss:
    """A function of logits ``[B, K]`` and true numbers ``[B]`` -> mean loss.

    ``counts`` [K] are the clips of each behaviour that are learnt from, ``name`` is one of ``settings.LOSSES``.
    """
    import torch
    from torch.nn.functional import cross_entropy

    n = torch.from_numpy(counts.astype("float32")).clamp(min=1)  # a behaviour without clips is as rare as one with one

    def plain(logits: Any, targets: Any, weight: Any = None) -> Any:
        return cross_entropy(logits, targets, weight, label_smoothing=smoothing)

    def focal(logits: Any, targets: Any) -> Any:
        sure = logits.softmax(1).gather(1, targets[:, None])[:, 0]
        each = cross_entropy(logits, targets, label_smoothing=smoothing, reduction="none")
        return ((1 - sure) ** _FOCUS * each).mean()

    def class_balanced(logits: Any, targets: Any) -> Any:
        weight = (1 - _OVERLAP) / (1 - _OVERLAP**n)
        return plain(logits, targets, (weight / weight.sum() * len(n)).to(logits.device))

    def equalization(logits: Any, targets: Any) -> Any:
        rare = (n < _RARE * n.mean()).to(logits.device)
        spared = rare & (torch.rand(logits.shape, device=logits.device) < _SPARED)
        spared = spared.scatter(1, targets[:, None], False)
        return cross_entropy(logits.masked_fill(spared, -torch.inf), targets)  # smoothing would ask for the spared too

    def logit_adjustment(logits: Any, targets: Any) -> Any:
        return plain(logits + (n / n.sum()).log().to(logits.device), targets)

    made = {f.__name__: f for f in (focal, class_balanced, equalization, logit_adjustment)}
    return made.get(name, plain)
