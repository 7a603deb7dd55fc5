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

_USUAL = 0.9  # quantile of the longer side, and of width by height


def body_lengths(video: str, tracks: pd.DataFrame, scale: FloatArray, least_aspect: float) -> pd.DataFrame:
    """BODY_LENGTHS of a video's tracks (tables.TRACKS) by track; detected boxes go before interpolated ones.

    ``scale [n]`` is each row's pixels of the reference frame by a source pixel.
    """
    box = tracks[BOX].to_numpy(dtype=np.float64)
    wide, high = box[:, 2] - box[:, 0], box[:, 3] - box[:, 1]
    sides = pd.DataFrame({"track": tracks["track"], "longer": np.maximum(wide, high) * scale})
    sides["aspect"] = wide / np.maximum(high, 1e-9)
    detected = tracks["observed"] | ~tracks.groupby("track")["observed"].transform("any")
    usual = sides[detected.to_numpy(dtype=bool)].groupby("track")[["longer", "aspect"]].quantile(_USUAL)
    species = tracks.drop_duplicates("track").set_index("track")["species"].reindex(usual.index)
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
