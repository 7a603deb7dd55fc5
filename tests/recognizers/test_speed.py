"""Speeds beside pixels."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pipeline.recognizers.card import Card, Clip
from pipeline.recognizers.speed import likelihood, weighed
from tests.recognizers.test_kinematic import window
from tests.recognizers.test_travel import placed

CARD = Card("x", ("Walk", "Graze", "Occluded"), Clip(4, 0.1), speeds={"Walk": 0.8, "Graze": 0.05}, speed_spread=0.5)
GROUND = replace(CARD, dimensionless_speeds={"Walk": 0.25, "Graze": 0.03}, dimensionless_spread=0.25)
EVEN = np.full((1, 3), 1 / 3)


def test_by_hand() -> None:
    walk = 0.98 + 0.02
    graze = 0.98 * np.exp(-((np.log(16) / 0.5) ** 2) / 2) + 0.02
    expected = [walk, graze, (walk + graze) / 2]
    assert likelihood([window(0.8)], CARD)[0] == pytest.approx(expected)
    assert weighed(EVEN, np.array([expected]), 1.0)[0] == pytest.approx(np.array(expected) / sum(expected))


@pytest.mark.parametrize(("speed", "likeliest"), [(0.0, 1), (0.05, 1), (0.8, 0), (2.0, 0)])
def test_the_nearest_speed_is_likeliest(speed: float, likeliest: int) -> None:
    told = weighed(EVEN, likelihood([window(speed)], CARD), 1.0)
    assert told[0].argmax() == likeliest
    assert told.sum() == pytest.approx(1)


def test_what_pixels_are_sure_of_a_wild_speed_does_not_overrule() -> None:
    told = weighed(np.array([[0.001, 0.998, 0.001]]), likelihood([window(0.8)], CARD), 1.0)
    assert told[0].argmax() == 1


def test_a_species_that_the_card_knows_has_its_own_speeds() -> None:
    card = replace(CARD, species_speeds={"giraffe": {"Walk": 0.2}})
    both = likelihood([replace(window(0.2), species=name) for name in ("giraffe", "zebra")], card)
    alone = replace(CARD, speeds={"Walk": 0.2, "Graze": 0.05})
    np.testing.assert_array_equal(both[0], likelihood([window(0.2)], alone)[0])
    np.testing.assert_array_equal(both[1], likelihood([window(0.2)], CARD)[0])


def test_speeds_over_the_ground_and_in_the_picture_both_count() -> None:
    """The animal stands in the picture and goes at the median of Walk over the ground."""
    going, still = placed(0.25 * (9.81 * 2.0) ** 0.5), likelihood([window(0.0)], CARD)
    walk, graze = 1.0, 0.995 * np.exp(-((np.log(0.25 / 0.03) / 0.25) ** 2) / 2) + 0.005
    assert likelihood([going], GROUND)[0] == pytest.approx(still[0] * [walk, graze, (walk + graze) / 2])
    np.testing.assert_array_equal(likelihood([going], CARD), still)  # the card knows no speed over the ground
    np.testing.assert_array_equal(likelihood([window(0.8)], GROUND), likelihood([window(0.8)], CARD))  # no places


def test_without_a_speed_or_a_weight_scores_stay() -> None:
    scores = np.array([[0.2, 0.7, 0.1]])
    none = likelihood([window(0.8, frames=1)], CARD)
    assert none.tolist() == [[1.0, 1.0, 1.0]]
    np.testing.assert_array_equal(weighed(scores, none, 1.0), scores)
    np.testing.assert_allclose(weighed(scores, likelihood([window(2.0)], CARD), 0.0), scores)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"speeds": {"Fly": 1.0}}, "speeds must be of its behaviours, got Fly"),
        ({"speeds": {"Walk": 0.0}}, "must be > 0"),
        ({"speed_spread": 0.0}, "speed_spread must be > 0, got 0.0"),
        ({"dimensionless_speeds": {"Walk": -1.0}}, r"dimensionless_speeds must be > 0, got \[-1.0\]"),
        ({"dimensionless_spread": 0.0}, "dimensionless_spread must be > 0, got 0.0"),
        ({"species_speeds": {"baboon": {"Fly": 1.0}}}, "species_speeds of baboon must be of its behaviours, got Fly"),
        ({"species_speeds": {"baboon": {"Walk": 0.0}}}, r"species_speeds of baboon must be > 0, got \[0.0\]"),
        ({"definitions": {"Fly": "is in the air"}}, "definitions must be of its behaviours, got Fly"),
    ],
)
def test_cards_that_cannot_be(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Card("x", ("Walk",), Clip(4, 0.1), **wrong)
