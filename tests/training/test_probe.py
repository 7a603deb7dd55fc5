"""Heads learnt from features alone: probes and prototypes, with answers one can check by hand."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import log_softmax

from pipeline.boxes import FloatArray
from pipeline.errors import UsageError
from pipeline.training.known import known_by
from pipeline.training.probe import Head, ProbeSettings, fold_of, probe
from pipeline.training.prototypes import Examples, PrototypeSettings, beside, prototypes
from pipeline.types import BoolArray, IntArray

SETTINGS = ProbeSettings(views=1, balance=1.0, strength=0.01, cache=None)


def clouds(per: list[int], spread: float = 0.5, width: int = 6, seed: int = 0) -> tuple[FloatArray, IntArray]:
    """Features [N, 1, width] about one corner a behaviour, and the behaviours."""
    rng = np.random.default_rng(seed)
    targets = np.repeat(np.arange(len(per)), per)
    return 3 * np.eye(len(per), width)[targets][:, None] + rng.normal(0, spread, (len(targets), 1, width)), targets


def one_hot(targets: IntArray, behaviours: int = 0) -> BoolArray:
    return np.eye(behaviours or int(targets.max()) + 1, dtype=bool)[targets]


def nothing(behaviours: int, width: int = 6) -> Head:
    return Head(np.zeros((behaviours, width)), np.zeros(behaviours))


def groups(n: int, of: int = 5) -> list[str]:
    return [f"g{k % of}" for k in range(n)]


def test_a_probe_tells_clouds_apart() -> None:
    features, targets = clouds([20, 20, 20])
    head, strength = probe(features, one_hot(targets), groups(60), nothing(3), replace(SETTINGS, strength=None))
    assert (head.logits(features[:, 0]).argmax(1) == targets).all()
    assert strength < 1


def test_the_fit_is_the_least_of_its_cost() -> None:
    features, targets = clouds([8, 16, 4], spread=2.0)
    head, strength = probe(features, one_hot(targets), groups(28), nothing(3), SETTINGS)
    middle, by = features.mean((0, 1)), features.std((0, 1))
    count = np.bincount(targets)[targets]

    def cost(one: Head) -> float:
        fit = -log_softmax(one.logits(features[:, 0]), axis=1)[np.arange(28), targets] @ (1 / count) / 3
        near = one.scaled(by, middle)
        return float(fit + strength / 2 * ((near.weight**2).sum() + (near.bias**2).sum()))

    rng, best = np.random.default_rng(0), cost(head)
    for _ in range(50):
        aside = Head(head.weight + rng.normal(0, 0.05, head.weight.shape), head.bias + rng.normal(0, 0.05, 3))
        assert cost(aside) > best


def test_what_no_clip_shows_keeps_what_the_head_knew() -> None:
    features, targets = clouds([10, 10, 10])
    taught = probe(features, one_hot(targets), groups(30), nothing(3), SETTINGS)[0]
    only = targets < 2  # of the third behaviour there is no clip
    head = probe(features[only], one_hot(targets[only], 3), groups(20), taught, replace(SETTINGS, strength=0.1))[0]
    assert (head.logits(features[:, 0]).argmax(1) == targets).mean() == 1.0
    blank = probe(features[only], one_hot(targets[only], 3), groups(20), nothing(3), replace(SETTINGS, strength=0.1))[0]
    assert (blank.logits(features[~only, 0]).argmax(1) == 2).mean() < 1.0


def test_several_behaviours_are_told_each_by_itself() -> None:
    rng = np.random.default_rng(0)
    truth = rng.random((200, 3)) < [0.5, 0.3, 0.2]  # some clips show several, some none
    features = (3 * truth @ np.eye(3, 6) + rng.normal(0, 0.5, (200, 6)))[:, None]
    head, _ = probe(features, truth, groups(200), nothing(3), replace(SETTINGS, strength=None), exclusive=False)
    assert ((head.logits(features[:, 0]) > 0) == truth).mean() > 0.99


def test_the_firmer_the_nearer_to_where_it_began() -> None:
    features, targets = clouds([10, 10], width=4)
    start = Head(np.ones((2, 4)), np.zeros(2))
    away = [
        float(
            np.abs(
                probe(features, one_hot(targets), groups(20), start, replace(SETTINGS, strength=s))[0].weight - 1
            ).max()
        )
        for s in (0.001, 0.1, 1000.0)
    ]
    assert away[0] > away[1] > away[2]
    assert away[2] < 0.01


@pytest.mark.parametrize(
    ("names", "folds"),
    [
        ([], []),
        (["a"], [0]),  # one group: nothing can be left out
        (["a", "a", "b"], [0, 0, 1]),  # the largest first
        (["b", "a", "a", "c", "c", "c"], [2, 1, 1, 0, 0, 0]),
        (list("abcdef"), [0, 1, 2, 3, 4, 0]),  # more groups than parts
    ],
)
def test_groups_stay_whole(names: list[str], folds: list[int]) -> None:
    assert fold_of(names).tolist() == folds


def test_a_single_group_takes_the_firmest() -> None:
    features, targets = clouds([5, 5])
    assert probe(features, one_hot(targets), ["a"] * 10, nothing(2), replace(SETTINGS, strength=None))[1] == 10.0


def test_prototypes_are_means_and_the_nearest_wins() -> None:
    features = np.array([[[0.0, 0.0]], [[2.0, 0.0]], [[10.0, 1.0]], [[12.0, 3.0]]])  # means (1, 0) and (11, 2)
    head = prototypes(features, np.array([0, 0, 1, 1]), ("a", "b"))
    variance = 0.9 * np.array([1.0, 0.5]) + 0.1 * 0.75  # 1 and 0.5 within, a tenth of their mean
    for point in np.array([[1.0, 0.0], [11.0, 2.0], [5.9, 1.0], [6.1, 1.0]]):
        distance = [((point - middle) ** 2 / variance).sum() for middle in np.array([[1.0, 0.0], [11.0, 2.0]])]
        logits = head.logits(point)
        assert logits[0] - logits[1] == pytest.approx((distance[1] - distance[0]) / 2)


def test_three_examples_are_enough_where_behaviours_lie_apart() -> None:
    features, targets = clouds([3, 3, 3], width=30)
    head = prototypes(features, targets, ("a", "b", "c"))
    others, true = clouds([50, 50, 50], width=30, seed=1)
    assert (head.logits(others[:, 0]).argmax(1) == true).mean() > 0.98


def test_a_behaviour_without_a_clip_has_no_prototype() -> None:
    features, targets = clouds([2, 2])
    with pytest.raises(UsageError, match=r"^no clip to make a prototype of c from, and init does not say"):
        prototypes(features, targets, ("a", "b", "c"))


def test_a_new_behaviour_finds_its_place_beside_rows_of_any_scale() -> None:
    features, targets = clouds([40, 40, 40, 5], width=8)
    old = targets < 3
    known = known_by(features[old, 0], targets[old], 3, None).among("abc", "abcd")
    assert np.isnan(known.mean[3]).all()
    alone = prototypes(features[old], targets[old], ("a", "b", "c"))
    everything = prototypes(features, targets, ("a", "b", "c", "d"))
    rng = np.random.default_rng(0)
    for by in (0.02, 1.0, 30.0):  # a head is the same whatever is added to all of its rows, and as sure as its scale
        weight, bias = by * alone.weight + rng.normal(0, 5, 8), by * alone.bias + 7
        before = Head(np.vstack([weight, rng.normal(0, 1, 8)]), np.append(bias, 0.0))
        added = beside(features[~old], targets[~old], ["g"] * 5, before, known)
        np.testing.assert_array_equal(added.head.weight[:3], weight)
        np.testing.assert_array_equal(added.head.bias[:3], bias)
        assert added.examples == {3: Examples(5, 5, 0.0)}
        others, true = clouds([50] * 4, width=8, seed=1)
        told = added.head.logits(others[:, 0])
        assert (told.argmax(1) == true).mean() > 0.98
        odds, wanted = (one[:, 3] - one[:, 0] for one in (told, by * everything.logits(others[:, 0])))
        assert np.corrcoef(odds, wanted)[0, 1] > 0.99
        assert np.median(odds / wanted) == pytest.approx(1.0, abs=0.1)  # it is as sure as its neighbours


def test_half_of_the_examples_are_found_by_the_others() -> None:
    features, targets = clouds([40, 40, 40], width=8)
    known = known_by(features[:, 0], targets, 3, None).among("abc", "abcd")
    before = prototypes(features, targets, ("a", "b", "c"))
    before = Head(np.vstack([before.weight, np.zeros(8)]), np.append(before.bias, 0.0))
    rng = np.random.default_rng(2)
    strange = 3 * np.eye(3, 8)[0] + rng.normal(0, 2, (6, 1, 8))  # among those of a, and unlike each other
    added = beside(strange, np.full(6, 3), list("gghhii"), before, known)
    assert added.examples[3].found == 3
    assert added.examples[3].raised > 0
    one = beside(strange[:1], np.array([3]), ["g"], before, known)
    assert one.examples == {3: Examples(1, None, 0.0)}  # nothing else can tell it


def test_a_single_known_behaviour_is_no_scale() -> None:
    features, targets = clouds([3, 3])
    known = known_by(features[:, 0], targets, 2, None)
    with pytest.raises(UsageError, match=r"^two known behaviours or more must stay beside a new one, to say how"):
        beside(features[3:], targets[3:], ["g"] * 3, nothing(2), known)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"views": 0}, r"views must be >= 1, got 0"),
        ({"balance": 2.0}, r"balance must be in \[0, 1\], got 2.0"),
        ({"strength": 0.0}, r"strength must be > 0 or null, got 0.0"),
    ],
)
def test_settings_that_cannot_be(values: dict[str, float], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        replace(SETTINGS, **values)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"views must be >= 1, got 0"):
        PrototypeSettings(views=0, cache=None)
