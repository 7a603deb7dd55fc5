import pytest

from pipeline.ethology.palette import NOT_VISIBLE_COLOUR, PALETTE, UNKNOWN_COLOUR
from pipeline.report.colours import (
    SPECIES_SHADES,
    TRACK_SHADES,
    colour_of,
    ink,
    present,
    rgb,
    species_colours,
    track_colour,
)
from tests.report.made import COLOURS


@pytest.mark.parametrize(
    ("found", "order"),
    [
        ([], []),  # empty
        (["Run"], ["Run"]),  # one
        (["unknown", "Graze", "Walk", "Graze"], ["Walk", "Graze", "unknown"]),  # the ethogram's order, each once
        (["zzz", "aaa", "Run"], ["Run", "aaa", "zzz"]),  # words that are not in it come last
    ],
)
def test_present_keeps_the_order_of_the_ethogram(found, order):
    assert present(found, COLOURS) == order


def test_a_word_that_is_not_in_the_ethogram_is_grey():
    assert colour_of("Walk", COLOURS) == "#E69F00"
    assert colour_of("Swim", COLOURS) == COLOURS["unknown"]


@pytest.mark.parametrize(
    ("colour", "letters"),
    [
        ("#000000", "#ffffff"),
        ("#ffffff", "#000000"),
        ("#F0E442", "#000000"),  # yellow
        ("#0072B2", "#ffffff"),  # blue
    ],
)
def test_ink_can_be_read(colour, letters):
    assert ink(colour) == letters


def test_neighbouring_tracks_differ():
    assert all(track_colour(k) != track_colour(k + 1) for k in range(30))
    assert len({rgb(colour) for colour in TRACK_SHADES}) == len(TRACK_SHADES)


def test_tracks_and_species_have_no_behaviours_colour():
    shades = {*TRACK_SHADES, *SPECIES_SHADES}
    assert all(len(set(rgb(shade))) == 1 for shade in shades)
    assert not {shade.upper() for shade in shades} & {*PALETTE, UNKNOWN_COLOUR, NOT_VISIBLE_COLOUR}
    assert set(species_colours(["zebra", "topi", "zebra"]).values()) == set(SPECIES_SHADES[:2])
