"""Body lengths in pixels of the reference frame, from boxes alone.

The 90th percentile of a track's longer side stands for its body length, because an animal seen end-on for a while keeps
its length. One that is seen end-on only has none: its box tells height and width. It is told by its box's width being
under ``least_aspect`` heights nearly always. Giraffes, and animals filmed from straight above, need 0 there.
"""

import numpy as np
import pandas as pd

from pipeline.boxes import FloatArray
from pipeline.ethology.society.tables import BODY_LENGTHS
from pipeline.tables import BOX
from pipeline.types import BoolArray

_USUAL = 0.9  # quantile of the longer side, and of width by height


def usual_sides(tracks: pd.DataFrame, scale: FloatArray) -> pd.DataFrame:
    """What the boxes of each track are like: track, species, longer (px of the reference frame), aspect.

    ``tracks`` (tables.TRACKS) is by track, none of them in part; ``scale [n]`` is each row's pixels of the reference
    frame by a source pixel. Detected boxes go before interpolated ones.
    """
    x1, y1, x2, y2 = (tracks[name].to_numpy(dtype=np.float64) for name in BOX)
    wide, high = x2 - x1, y2 - y1
    longer, aspect = np.maximum(wide, high) * scale, wide / np.maximum(high, 1e-9)
    track, observed = tracks["track"].to_numpy(), tracks["observed"].to_numpy(dtype=bool)
    first = np.flatnonzero(np.diff(track, prepend=-1))
    spans = [slice(*ends) for ends in zip(first, np.append(first, len(track))[1:], strict=True)]
    return pd.DataFrame(
        {
            "track": track[first],
            "species": tracks["species"].iloc[first].to_numpy(dtype=object),
            "longer": [_usual(longer[own], observed[own]) for own in spans],
            "aspect": [_usual(aspect[own], observed[own]) for own in spans],
        }
    )


def _usual(values: FloatArray, observed: BoolArray) -> float:
    """The quantile of the values that were observed, of all where none was."""
    return float(np.quantile(values[observed] if observed.any() else values, _USUAL))


def body_lengths(video: str, sides: pd.DataFrame, least_aspect: float) -> pd.DataFrame:
    """BODY_LENGTHS of a video's tracks, by track, from their ``usual_sides``."""
    usual = sides.set_index("track")
    species = usual["species"]
    own = usual["longer"].where((usual["aspect"] >= least_aspect) & (usual["longer"] > 0))
    of_species = own.groupby(species).transform("median")
    return BODY_LENGTHS.cast(
        pd.DataFrame(
            {
                "video": video,
                "track": usual.index,
                "species": species.to_numpy(),
                "length_px": own.to_numpy(),
                "scale_px": own.fillna(of_species).fillna(own.median()).to_numpy(),
                "method": _told(own, of_species),
            }
        )
    )


def _told(own: "pd.Series[float]", of_species: "pd.Series[float]") -> list[str]:
    """How each track came by its scale."""
    if own.isna().all():
        return ["withheld: all are seen end-on only; no scale (with least_aspect=0 every box counts)"] * len(own)
    others = np.where(of_species.notna(), "scale of its species in the video", "scale of all animals in the video")
    return [
        "own boxes" if known else f"withheld: seen end-on only; {other}"
        for known, other in zip(own.notna(), others, strict=True)
    ]
