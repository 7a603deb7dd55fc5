"""What a wrong answer costs: choices for behaviours that are rare, or easy. Letters: B clips, K behaviours, S
species.

======================  =============================================================================================
``cross_entropy``       every clip counts alike
``focal``               sure and right costs little: ``(1 - p)^2`` (Lin et al. 2017, Focal Loss for Dense Object
                        Detection, ICCV, equation 4)
``class_balanced``      a behaviour's clips weigh ``(1 - b) / (1 - b^n)``, b = 0.999 (Cui et al. 2019, Class-Balanced
                        Loss Based on Effective Number of Samples, CVPR, equation 4)
``equalization``        a rare behaviour is not pushed down by the clips of the others, by a chance of 0.9 (Tan et al.
                        2020, Equalization Loss for Long-Tailed Object Recognition, CVPR, sections 3.2 and 3.4)
``logit_adjustment``    a behaviour's logit is raised by that of its share (Menon et al. 2021, Long-Tail Learning via
                        Logit Adjustment, ICLR, equation 10, tau = 1)
======================  =============================================================================================

Behaviours that exclude each other are told by a softmax over all; others each by a sigmoid of its own, whose clips that
do not show it are its other side.
"""

from collections.abc import Callable
from typing import Any

from pipeline.types import IntArray

_FOCUS = 2.0
_OVERLAP = 0.999
_SPARED, _RARE = 0.9, 0.5  # chance; a behaviour is rare whose share is under this part of an equal one

Loss = Callable[[Any, Any], Any]


def species_loss(logits: Any, truth: Any, smoothing: float) -> Any:
    """Mean over all clips of the cross entropy of logits ``[B, S]``; 0 for a clip whose ``truth`` [B, S] says nothing.

    All clips are counted, so that what a batch teaches does not depend on the parts that it is cut into.
    """
    from torch.nn import functional

    each = functional.cross_entropy(logits, truth.argmax(1), label_smoothing=smoothing, reduction="none")
    return (each * truth.sum(1)).mean()


def loss(name: str, counts: IntArray, clips: int, smoothing: float, exclusive: bool) -> Loss:
    """A function of logits ``[B, K]`` and of what is true, 0 or 1 ``[B, K]``, -> mean loss.

    ``counts`` [K] are the clips of each behaviour among all the ``clips`` that are learnt from, ``name`` is one of
    ``settings.LOSSES``.
    """
    import torch
    from torch.nn import functional

    n = torch.from_numpy(counts.astype("float32")).clamp(min=1)  # a behaviour without clips is as rare as one with one
    effective = (1 - _OVERLAP) / (1 - _OVERLAP**n)
    weight = effective / effective.sum() * len(n) if name == "class_balanced" else torch.ones(len(n))
    share = (n / (n.sum() if exclusive else clips + 1)).clamp(max=1 - 1e-6)
    raised = (share.log() if exclusive else share.logit()) * (name == "logit_adjustment")
    rare = (n < _RARE * n.mean()) & (name == "equalization")

    def one_of_all(logits: Any, truth: Any) -> Any:
        spared = _spared(rare.to(logits.device), truth)
        own = logits.masked_fill(spared, -torch.inf)
        smooth = 0.0 if name == "equalization" else smoothing  # it would ask for the spared too
        each = functional.cross_entropy(own, truth.argmax(1), label_smoothing=smooth, reduction="none")
        if name == "focal":
            each = (1 - (logits.softmax(1) * truth).sum(1)) ** _FOCUS * each
        of_clip = (truth * weight.to(logits.device)).sum(1)
        return (each * of_clip).sum() / truth.any(1).sum().clamp(min=1)

    def each_by_itself(logits: Any, truth: Any) -> Any:
        wanted = truth * (1 - smoothing) + smoothing / 2
        each = functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
        if name == "focal":
            each = (1 - torch.where(truth > 0, logits.sigmoid(), (-logits).sigmoid())) ** _FOCUS * each
        each = each.masked_fill(_spared(rare.to(logits.device), truth), 0.0)
        return (each * weight.to(logits.device)).mean()

    cost = one_of_all if exclusive else each_by_itself
    return lambda logits, truth: cost(logits + raised.to(logits.device), truth)


def _spared(rare: Any, truth: Any) -> Any:
    """Which answers ``bool [B, K]`` cost nothing: of rare behaviours, in clips that do not show them, mostly."""
    import torch

    if not bool(rare.any()):
        return torch.zeros_like(truth, dtype=torch.bool)
    return rare & (truth == 0) & (torch.rand(truth.shape, device=truth.device) < _SPARED)
