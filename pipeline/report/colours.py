"""Colours: one a behaviour, the same in every figure, table and video of a run; tracks and species have greys."""

from collections.abc import Iterable, Mapping
from itertools import cycle

from pipeline.ethology.ethogram import UNKNOWN
from pipeline.ethology.palette import UNKNOWN_COLOUR

# Of who an animal is: greys, so that no behaviour's colour is taken for it. Neighbours are far apart.
TRACK_SHADES = ("#6e6e6e", "#ffffff", "#a3a3a3", "#d4d4d4")  # on a dark rim
SPECIES_SHADES = ("#595959", "#bdbdbd", "#262626", "#d6d6d6", "#808080")  # on white


def colour_of(behaviour: str, colours: Mapping[str, str]) -> str:
    """The behaviour's colour; that of ``unknown`` for a word that is not in the ethogram."""
    return colours.get(behaviour, colours.get(UNKNOWN, UNKNOWN_COLOUR))


def track_colour(track: int) -> str:
    """The grey of a track's path: a cycle, neighbours in number differ."""
    return TRACK_SHADES[track % len(TRACK_SHADES)]


def species_colours(species: Iterable[str]) -> dict[str, str]:
    """A grey for every species there is, by alphabet."""
    return dict(zip(sorted(set(species)), cycle(SPECIES_SHADES), strict=False))


def present(found: Iterable[str], colours: Mapping[str, str]) -> list[str]:
    """The behaviours found, in the ethogram's order; words that are not in it come last, by alphabet."""
    names = set(found)
    return [name for name in colours if name in names] + sorted(names - set(colours))


def rgb(colour: str) -> tuple[int, int, int]:
    """``#rrggbb`` as three numbers of 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def ink(colour: str) -> str:
    """Black or white, whichever is easier to read on the colour (WCAG 2.2 relative luminance and contrast ratio)."""
    red, green, blue = (_linear(value / 255) for value in rgb(colour))
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "#000000" if (luminance + 0.05) ** 2 > 1.05 * 0.05 else "#ffffff"


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)
