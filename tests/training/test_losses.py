"""What a wrong answer costs, by hand."""

import math

import numpy as np
import pytest
import torch

from pipeline.training.losses import loss

COUNTS = np.array([90, 9, 1])
LOGITS = torch.tensor([[2.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
TARGETS = torch.tensor([0, 2])
P = math.exp(2) / (math.exp(2) + 2)  # of the first clip's truth; of the second's 1/3


def test_cross_entropy_is_the_mean_log_loss() -> None:
    assert float(loss("cross_entropy", COUNTS, 0.0)(LOGITS, TARGETS)) == pytest.approx(-(math.log(P / 3)) / 2)


def test_focal_forgives_the_sure() -> None:
    wanted = (-((1 - P) ** 2) * math.log(P) - (2 / 3) ** 2 * math.log(1 / 3)) / 2
    assert float(loss("focal", COUNTS, 0.0)(LOGITS, TARGETS)) == pytest.approx(wanted)


def test_class_balanced_weighs_by_the_effective_number() -> None:
    weight = [0.001 / (1 - 0.999**n) for n in (90, 1)]  # of the two clips' behaviours
    wanted = (-weight[0] * math.log(P) - weight[1] * math.log(1 / 3)) / sum(weight)
    assert float(loss("class_balanced", COUNTS, 0.0)(LOGITS, TARGETS)) == pytest.approx(wanted, rel=1e-5)


def test_logit_adjustment_adds_the_logarithm_of_the_share() -> None:
    shares = [0.9, 0.09, 0.01]
    first = 0.9 * math.exp(2) / (0.9 * math.exp(2) + 0.1)
    assert float(loss("logit_adjustment", COUNTS, 0.0)(LOGITS, TARGETS)) == pytest.approx(
        -(math.log(first) + math.log(shares[2])) / 2, rel=1e-5
    )


def test_equalization_spares_the_rare_from_the_clips_of_others() -> None:
    torch.manual_seed(0)
    many = LOGITS[:1].repeat(2000, 1).requires_grad_(True)
    loss("equalization", COUNTS, 0.0)(many, torch.zeros(2000, dtype=torch.long)).backward()
    pushed = (many.grad != 0).float().mean(0)  # which behaviours' logits the clips of the first move
    assert pushed[0] == pytest.approx(1 - 0.9**2, abs=0.03)  # not where both others are spared: then it is right
    assert pushed[1:].tolist() == pytest.approx([0.1, 0.1], abs=0.03)
    rare = LOGITS[1:].clone().requires_grad_(True)
    loss("equalization", COUNTS, 0.0)(rare, torch.tensor([2])).backward()
    assert rare.grad[0, 2] < 0  # its own clips raise it


@pytest.mark.parametrize("name", ["cross_entropy", "focal", "class_balanced", "equalization", "logit_adjustment"])
def test_every_loss_learns_and_takes_a_behaviour_without_clips(name: str) -> None:
    torch.manual_seed(0)
    logits, targets = torch.zeros(4, 3, requires_grad=True), torch.tensor([0, 0, 1, 1])
    cost = loss(name, np.array([2, 2, 0]), 0.1)
    for _ in range(200):
        value = cost(logits, targets)
        (grad,) = torch.autograd.grad(value, logits)
        logits = (logits - 5 * grad).detach().requires_grad_(True)
    assert bool(value.isfinite())
    assert logits.argmax(1).tolist() == targets.tolist()
