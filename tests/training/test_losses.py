"""What a wrong answer costs, by hand."""

import math
from typing import Any

import numpy as np
import pytest
import torch

from pipeline.training.losses import Loss, loss
from pipeline.training.settings import LOSSES

COUNTS = np.array([90, 9, 1])
LOGITS = torch.tensor([[2.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
TRUTH = torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
P = math.exp(2) / (math.exp(2) + 2)  # of the first clip's truth; of the second's 1/3


def made(name: str, exclusive: bool = True, counts: Any = COUNTS, smoothing: float = 0.0) -> Loss:
    return loss(name, np.asarray(counts), 100, smoothing, exclusive)


def test_cross_entropy_is_the_mean_log_loss() -> None:
    assert float(made("cross_entropy")(LOGITS, TRUTH)) == pytest.approx(-(math.log(P / 3)) / 2)


def test_focal_forgives_the_sure() -> None:
    wanted = (-((1 - P) ** 2) * math.log(P) - (2 / 3) ** 2 * math.log(1 / 3)) / 2
    assert float(made("focal")(LOGITS, TRUTH)) == pytest.approx(wanted)


def test_class_balanced_weighs_by_the_effective_number() -> None:
    weight = [0.001 / (1 - 0.999**n) for n in (90, 9, 1)]
    wanted = 3 / sum(weight) * (-weight[0] * math.log(P) - weight[2] * math.log(1 / 3)) / 2
    cost = made("class_balanced")
    assert float(cost(LOGITS, TRUTH)) == pytest.approx(wanted, rel=1e-5)
    parts = [float(cost(LOGITS[k : k + 1], TRUTH[k : k + 1])) for k in range(2)]
    assert sum(parts) / 2 == pytest.approx(wanted, rel=1e-5)  # however a batch is cut


def test_logit_adjustment_adds_the_logarithm_of_the_share() -> None:
    first = 0.9 * math.exp(2) / (0.9 * math.exp(2) + 0.1)
    wanted = -(math.log(first) + math.log(0.01)) / 2
    assert float(made("logit_adjustment")(LOGITS, TRUTH)) == pytest.approx(wanted, rel=1e-5)


@pytest.mark.parametrize(("exclusive", "own"), [(True, 1 - 0.9**2), (False, 1.0)])
def test_equalization_spares_the_rare_from_the_clips_of_others(exclusive: bool, own: float) -> None:
    torch.manual_seed(0)
    many = LOGITS[:1].repeat(2000, 1).requires_grad_(True)
    made("equalization", exclusive)(many, TRUTH[:1].repeat(2000, 1)).backward()
    pushed = (many.grad != 0).float().mean(0)  # which behaviours' logits the clips of the first move
    assert pushed[0] == pytest.approx(own, abs=0.03)  # of a softmax not where both others are spared: it is right then
    assert pushed[1:].tolist() == pytest.approx([0.1, 0.1], abs=0.03)
    rare = LOGITS[1:].clone().requires_grad_(True)
    made("equalization", exclusive)(rare, TRUTH[1:]).backward()
    assert rare.grad[0, 2] < 0  # its own clips raise it


def test_each_behaviour_by_itself() -> None:
    q = 1 / (1 + math.exp(-2))
    half = 5 * math.log(2)  # the five logits of 0, whatever is true
    assert float(made("cross_entropy", False)(LOGITS, TRUTH)) == pytest.approx((half - math.log(q)) / 6)
    wanted = (half / 4 - (1 - q) ** 2 * math.log(q)) / 6
    assert float(made("focal", False)(LOGITS, TRUTH)) == pytest.approx(wanted)
    weight = np.array([0.001 / (1 - 0.999**n) for n in (90, 9, 1)])
    weight *= 3 / weight.sum()
    wanted = (-math.log(q) * weight[0] + math.log(2) * (weight[0] + 2 * weight[1:].sum())) / 6
    assert float(made("class_balanced", False)(LOGITS, TRUTH)) == pytest.approx(wanted, rel=1e-5)
    odds = [math.log(n / (101 - n)) for n in (90, 9, 1)]
    adjusted = float(made("logit_adjustment", False)(torch.zeros(1, 3), torch.tensor([[0.0, 0.0, 1.0]])))
    wanted = math.log1p(math.exp(odds[0])) + math.log1p(math.exp(odds[1])) + math.log1p(math.exp(-odds[2]))
    assert adjusted == pytest.approx(wanted / 3, rel=1e-5)


@pytest.mark.parametrize("exclusive", [True, False])
@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_learns_and_takes_a_behaviour_without_clips(name: str, exclusive: bool) -> None:
    torch.manual_seed(0)
    logits, targets = torch.zeros(4, 3, requires_grad=True), torch.tensor([0, 0, 1, 1])
    cost = made(name, exclusive, [2, 2, 0], 0.1)
    for _ in range(200):
        value = cost(logits, torch.eye(3)[targets])
        (grad,) = torch.autograd.grad(value, logits)
        logits = (logits - 5 * grad).detach().requires_grad_(True)
    assert bool(value.isfinite())
    assert logits.argmax(1).tolist() == targets.tolist()
