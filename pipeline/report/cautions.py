"""What a reader has to know before using the numbers, found in the results themselves."""

from collections.abc import Iterator, Mapping

import pandas as pd

from pipeline.report.summary import RunSummary
from pipeline.report.words import percent, plural, readable

MOST_LEFT_OUT = 0.5  # a share of tracked time above this that is out of sight or not recognized is pointed out
MOST_CAMERA_UNKNOWN = 0.05  # a share of frames above this without a known camera motion is pointed out
_FAULTY = (  # status of a video, what is said of one, and of several
    ("failed", "could not be used", "could not be used"),
    ("partial", "broke off and is used up to there", "broke off and are used up to there"),
)


def cautions(summary: RunSummary, tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Sentences, the gravest first; empty where there is nothing to say."""
    return [
        *_of_videos(summary),
        *_of_budgets(tables.get("time_budgets", pd.DataFrame()), sum(video.tracks for video in summary.videos)),
    ]


def _of_videos(summary: RunSummary) -> Iterator[str]:
    for status, one, several in _FAULTY:
        if keys := [video.key for video in summary.videos if video.status == status]:
            yield f"{plural(len(keys), 'video')} {one if len(keys) == 1 else several}: {_named(keys)}."
    if short := sum(video.short_tracks for video in summary.videos):
        yield (
            f"{plural(short, 'track')} {'is' if short == 1 else 'are'} shorter than the recognizer's window; "
            "the last frame was repeated to fill it, so their behaviour is less certain."
        )
    for video in summary.videos:
        if video.camera_unknown_share > MOST_CAMERA_UNKNOWN:
            share = percent(video.camera_unknown_share)
            yield (
                f"{readable(video.key)}: the camera's motion could not be told in {share} of the frames; "
                "tracks and speeds there may be wrong."
            )


def _named(keys: list[str]) -> str:
    return ", ".join(map(readable, keys[:5])) + (f" and {len(keys) - 5} more" if len(keys) > 5 else "")


def _of_budgets(budgets: pd.DataFrame, tracked: int) -> Iterator[str]:
    """``tracked``: tracks in all videos, in sight or not."""
    if budgets.empty or not tracked:
        yield "No animal was tracked: there are no time budgets and no transitions."
        return
    pooled = budgets[budgets["level"] == "pooled"]
    if len(pooled) and pooled["n_individuals"].max() == 0:
        yield _of_fragments(int(pooled["n_tracks"].max()), tracked, int(pooled["most_at_once"].max()))
    if len(pooled) and pooled["n_sessions"].max() > 0 and pooled["ci_low"].isna().all():
        yield (
            f"No interval is given: the figures rest on {plural(int(pooled['n_sessions'].max()), 'session')}, "
            "too few independent units to say how far they hold beyond this footage."
        )
    for unit, share in _poorly_seen(budgets):
        yield (
            f"{readable(unit)}: {percent(share)} of the tracked time is out of sight or not recognized. "
            "Its shares are of the rest, and animals are often hidden while doing particular things."
        )


def _of_fragments(seen: int, tracked: int, most_at_once: int) -> str:
    """Tracks are no animals: ``seen`` of the ``tracked`` were ever in sight."""
    hidden = f"{seen} of {plural(tracked, 'track')} {'was' if seen == 1 else 'were'} ever in sight. "
    what = "The 1 track is a fragment of an animal, not an individual"
    if tracked > 1:
        what = f"The {plural(tracked, 'track')} are fragments of animals, not individuals"
    return (
        f"{what}: one that left and came back counts twice. {hidden if seen < tracked else ''}"
        f"At most {most_at_once} {'was' if most_at_once == 1 else 'were'} seen at once. "
        "individuals.csv can say which tracks are the same animal."
    )


def _poorly_seen(budgets: pd.DataFrame) -> Iterator[tuple[str, float]]:
    """Units above single tracks of whose time most is left out."""
    units = budgets[budgets["level"] != "track"].drop_duplicates(["level", "unit", "species", "set"])
    tracked = units["visible_s"] + units["excluded_s"]
    units = units.assign(left_out=units["excluded_s"] / tracked.where(tracked > 0))
    poor = units[units["left_out"] > MOST_LEFT_OUT]
    whole = poor[poor["level"] == "pooled"]
    told = poor if whole.empty else whole
    yield from zip(told["unit"].replace("all", "All animals"), told["left_out"], strict=True)
