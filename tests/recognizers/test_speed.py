"""Speeds beside pixels."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pipeline.recognizers.card import Card, Clip
from pipeline.recognizers.speed import weighed

CARD = Card("x", ("Walk", "Graze", "Occluded"), Clip(4, 0.1), speeds={"Walk": 0.8, "Graze": 0.05}, speed_spread=0.5)
EVEN = np.full((1, 3), 1 / 3)


def test_by_hand() -> None:
    walk = 0.98 + 0.02
    graze = 0.98 * np.exp(-((np.log(16) / 0.5) ** 2) / 2) + 0.02
    expected = np.array([walk, graze, (walk + graze) / 2])
    assert weighed(EVEN, np.array([0.8]), [""], CARD, 1.0)[0] == pytest.approx(expected / expected.sum())


@pytest.mark.parametrize(("speed", "likeliest"), [(0.0, 1), (0.05, 1), (0.8, 0), (2.0, 0)])
def test_the_nearest_speed_is_likeliest(speed: float, likeliest: int) -> None:
    told = weighed(EVEN, np.array([speed]), [""], CARD, 1.0)
    assert told[0].argmax() == likeliest
    assert told.sum() == pytest.approx(1)


def test_what_pixels_are_sure_of_a_wild_speed_does_not_overrule() -> None:
    told = weighed(np.array([[0.001, 0.998, 0.001]]), np.array([0.8]), [""], CARD, 1.0)
    assert told[0].argmax() == 1


def test_a_species_that_the_card_knows_has_its_own_speeds() -> None:
    card = replace(CARD, species_speeds={"giraffe": {"Walk": 0.2}})
    both = weighed(np.repeat(EVEN, 2, axis=0), np.array([0.2, 0.2]), ["giraffe", "zebra"], card, 1.0)
    alone = replace(CARD, speeds={"Walk": 0.2, "Graze": 0.05})
    np.testing.assert_array_equal(both[0], weighed(EVEN, np.array([0.2]), [""], alone, 1.0)[0])
    np.testing.assert_array_equal(both[1], weighed(EVEN, np.array([0.2]), [""], CARD, 1.0)[0])


def test_without_a_speed_or_a_weight_scores_stay() -> None:
    scores = np.array([[0.2, 0.7, 0.1]])
    np.testing.assert_array_equal(weighed(scores, np.array([np.nan]), [""], CARD, 1.0), scores)
    np.testing.assert_allclose(weighed(scores, np.array([2.0]), [""], CARD, 0.0), scores)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"speeds": {"Fly": 1.0}}, "speeds must be of its behaviours, got Fly"),
        ({"speeds": {"Walk": 0.0}}, "must be > 0"),
        ({"speed_spread": 0.0}, "must be > 0"),
        ({"species_speeds": {"baboon": {"Fly": 1.0}}}, "species_speeds of baboon must be of its behaviours, got Fly"),
        ({"species_speeds": {"baboon": {"Walk": 0.0}}}, r"species_speeds of baboon must be > 0, got \[0.0\]"),
        ({"definitions": {"Fly": "is in the air"}}, "definitions must be of its behaviours, got Fly"),
    ],
)
def test_cards_that_cannot_be(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Card("x", ("Walk",), Clip(4, 0.1), **wrong)
