"""Probabilities that mean what they say: one temperature over all logits, chosen on the held-out clips.

Guo et al. 2017, On Calibration of Modern Neural Networks, ICML (PMLR 70:1321-1330), section 4.2. It changes no order
of behaviours: what was likeliest stays so.
"""

from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from pipeline.boxes import FloatArray
from pipeline.types import IntArray

_LEAST, _MOST = 0.05, 20.0


def temperature(logits: FloatArray, targets: IntArray) -> float:
    """What logits [N, K] are best divided by: the T in [0.05, 20] of the least log loss at the true numbers [N]."""
    found = minimize_scalar(
        lambda log_t: log_loss(logits / np.exp(log_t), targets), bounds=np.log([_LEAST, _MOST]), method="bounded"
    )
    return float(np.exp(found.x))


def log_loss(logits: FloatArray, targets: IntArray) -> float:
    """Mean over the clips of -log of the probability (natural logarithm) given to what is true."""
    return float(-log_softmax(logits, axis=1)[np.arange(len(targets)), targets].mean())


def tempered(model: Any, by: float) -> Any:
    """The network whose logits are ``by`` times smaller: its head is divided, and rounded to half precision again."""
    import torch

    with torch.no_grad():
        for parameter in model.classifier.parameters():
            parameter.copy_((parameter / by).half().float())
    return model
