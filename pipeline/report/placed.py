"""Places on the ground in words: how they were found, and whether distances between them mean anything."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from pipeline.ethology.society.tables import GROUP_SPACE
from pipeline.ethology.tally import ALL
from pipeline.ground.summary import Positions
from pipeline.report.sections.common import found, listed
from pipeline.report.summary import RunSummary
from pipeline.report.words import percent, plural, readable, setting_word

_UNITS = {"pitch_deg": "pitch {:g} deg", "heading_deg": "heading {:g} deg", "height_m": "height {:g} m"}
_UNITS |= {"focal_35mm": "focal length {:g} mm (35 mm film)"}
_TIMES_ERROR = 2.0  # a distance under so many standard deviations is not told from none


def stated(of: Positions) -> str:
    """What the settings state of the camera, ``pitch -30 deg, height 40 m``."""
    return ", ".join(_UNITS[name].format(value) for name, value in of.stated.items())


def placing(summary: RunSummary) -> Iterator[str]:
    """The sentence of the methods text on places; none where there are none."""
    every = [video.positions for video in summary.videos if video.positions is not None and video.positions.placed]
    if not every:
        return
    settings: Mapping[str, Any] = summary.told.get("ground") or {}
    point = setting_word(settings, "point") if settings else "foot"
    files = listed(list(dict.fromkeys(kind for one in every for kind in one.files.split(", ") if kind)))
    values = listed(list(dict.fromkeys(words for one in every if (words := stated(one)))))
    sources = [f"told by {files}"] if files else []
    sources += [f"{'where not ' if files else ''}stated ({values})"] if values else []
    boxes, placed = sum(one.boxes for one in every), sum(one.placed for one in every)
    yield (
        f"Animals were placed where a ray through the {point} of their box meets flat ground"
        f"{'' if all('height_m' in one.stated for one in every) else ' as high as the take-off'} (Barber et al. 2006), "
        f"from the camera's height, direction and focal length, {' '.join(sources)}: {placed:,} of "
        f"{plural(boxes, 'box', 'boxes')} in {plural(len(every), 'video')}. {_errors(settings)}the standard error of a "
        f"place is {_range([one.median_m for one in every])} m in the median (90 % under "
        f"{_range([one.p90_m for one in every])} m){_withheld(settings)}."
    )


def _errors(settings: Mapping[str, Any]) -> str:
    """What the errors rest on."""
    if not settings:
        return "By the errors stated of these, "
    return (
        f"By stated standard errors of height ({settings['height_error_m']:g} m), camera angles "
        f"({settings['gimbal_error_deg']:g} deg), focal length ({percent(settings['focal_error'])}) and box "
        f"({settings['box_error_px']:g} px), "
    )


def _withheld(settings: Mapping[str, Any]) -> str:
    return f"; places with more than {settings['max_error_m']:g} m were withheld" if settings else ""


def _range(values: Sequence[float]) -> str:
    """``1.4``; of videos that differ ``1.4 to 2.1``."""
    low, high = f"{min(values):.1f}", f"{max(values):.1f}"
    return low if low == high else f"{low} to {high}"


def blurred(tables: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """A sentence on sessions whose distances in metres are not told from their errors."""
    space = found(tables, GROUP_SPACE)
    own = space[(space["level"] == "session") & (space["species"] == ALL)]
    medians = own.pivot_table(index="unit", columns="measure", values="median").reindex(
        columns=["nearest_m", "nearest_error_m"]
    )
    near = medians[medians["nearest_m"] < _TIMES_ERROR * medians["nearest_error_m"]]
    if near.empty:
        return
    told = "; ".join(
        f"{readable(str(unit))} {row['nearest_m']:.1f} m with an error of {row['nearest_error_m']:.1f} m"
        for unit, row in near.iterrows()
    )
    yield (
        f"Distances in metres between nearest neighbours are mostly under two standard deviations of their error: "
        f"{told} (medians). Such distances, and who is nearest, are not to be told from noise."
    )
