"""What a reader has to know before using the numbers, found in the results themselves."""

from collections.abc import Iterator, Mapping

import pandas as pd

from pipeline.ethology.contrasts.tables import BUDGET_CONTRASTS
from pipeline.ethology.limits import UNEQUAL
from pipeline.report.answers import doubts, trusted, unanswered
from pipeline.report.at_rest import no_rest
from pipeline.report.cautions_recognizer import of_audit, of_recognizer
from pipeline.report.half_seen import half_seen
from pipeline.report.placed import blurred
from pipeline.report.sections.common import listed
from pipeline.report.sections.contrast_words import across
from pipeline.report.summary import RunSummary
from pipeline.report.words import percent, plural, readable

MOST_LEFT_OUT = 0.5  # a share of tracked time above this that is out of sight or not recognized is pointed out
MOST_NAMED = 10  # of such units in the caution
WIDE_BOUNDS = 0.2  # worst-case bounds further apart than this are pointed out
LEAST_UNITS = 6  # of a value of a column of statistics.by, under which it has too few sessions to say much
_OWN = ("pooled", "species", "session", "individual", "track", "time_bin")  # levels that are no column of a user's
MOST_CAMERA_UNKNOWN = 0.05  # a share of frames above this without a known camera motion is pointed out
_FAULTY = (  # status of a video, what is said of one, and of several
    ("failed", "could not be used", "could not be used"),
    ("waiting", "was not reached before its run was stopped", "were not reached before their run was stopped"),
    ("partial", "broke off and is used up to there", "broke off and are used up to there"),
)


def cautions(summary: RunSummary, tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """Sentences, the gravest first; empty where there is nothing to say."""
    budgets = tables.get("time_budgets", pd.DataFrame())
    tracked, audit = sum(video.tracks for video in summary.videos), trusted(tables)
    return [
        *doubts(tables).values(),
        *_of_videos(summary),
        *(f"{line}." for line in summary.warnings),
        *(no_rest(summary.told.get("ethogram", {}), budgets["behaviour"]) if len(budgets) else []),
        *_of_budgets(budgets, tracked, tables.get(BUDGET_CONTRASTS.name, BUDGET_CONTRASTS.empty())),
        *(_of_replicates(budgets) if len(budgets) and tracked else []),
        *(of_recognizer(summary, budgets, audit) if len(budgets) and tracked else []),
        *(half_seen(tables["bouts"]).values() if "bouts" in tables else []),
        *blurred(tables),
        *unanswered(tables),
        *of_audit(audit, budgets),
    ]


def _of_videos(summary: RunSummary) -> Iterator[str]:
    for status, one, several in _FAULTY:
        if keys := [video.key for video in summary.videos if video.status == status]:
            yield f"{plural(len(keys), 'video')} {one if len(keys) == 1 else several}: {_named(keys)}."
    yield from _of_filled(summary)
    for video in summary.videos:
        if video.camera_unknown_share > MOST_CAMERA_UNKNOWN:
            share = percent(video.camera_unknown_share)
            yield (
                f"{readable(video.key)}: the camera's motion could not be told in {share} of the frames; "
                "tracks and speeds there may be wrong."
            )


def _of_filled(summary: RunSummary) -> Iterator[str]:
    """Windows of which a part is a still, and tracks that have no other."""
    videos = summary.videos
    windows, tracks, short = (
        sum(getattr(video, name) for video in videos) for name in ("filled_windows", "filled_tracks", "short_tracks")
    )
    if not windows:
        return
    usual = max((video.window_s for video in videos), default=0.0)
    what = f"a window of {usual:.1f} s" if usual else "a window"
    only = f"{plural(short, 'track')} {'is' if short == 1 else 'are'} recognized from such windows alone"
    yield (
        f"{plural(windows, 'window')} in {plural(tracks, 'track')} {'was' if windows == 1 else 'were'} filled by "
        f"repeating the last frame, because the animal was followed unbroken for less than {what}; "
        f"{only if short else 'no track rests on such windows alone'}. Behaviour is less certain there."
    )


def _named(keys: list[str]) -> str:
    return ", ".join(map(readable, keys[:5])) + (f" and {len(keys) - 5} more" if len(keys) > 5 else "")


def _of_animals(contrasts: pd.DataFrame) -> str:
    """What intervals over animals hold for, where comparisons have them; ``contrasts`` is BUDGET_CONTRASTS."""
    given = contrasts["difference_low"].notna() & across(contrasts)
    if not given.any():
        return ""
    columns = listed(contrasts.loc[given, "by"].unique().tolist())
    return (
        f" Comparisons by {columns} have some all the same, as they take animals as independent: those hold for more "
        "animals in the sessions filmed, not for other sessions."
    )


def _of_budgets(budgets: pd.DataFrame, tracked: int, contrasts: pd.DataFrame) -> Iterator[str]:
    """``tracked``: tracks in all videos, in sight or not."""
    if budgets.empty or not tracked:
        yield "No animal was tracked: there are no time budgets and no transitions."
        return
    pooled = budgets[budgets["level"] == "pooled"]
    if len(pooled) and pooled["n_individuals"].max() == 0:
        yield _of_fragments(int(pooled["n_tracks"].max()), tracked, int(pooled["most_at_once"].max()))
    if len(pooled) and pooled["n_sessions"].max() > 0 and pooled["ci_low"].isna().all():
        unequal = pooled["method"].str.contains(UNEQUAL).any()
        yield (
            f"No interval is given for all animals pooled: the figures rest on "
            f"{plural(int(pooled['n_sessions'].max()), 'session')}, too {'unequal' if unequal else 'few'} independent "
            f"units to say how far they hold beyond this footage.{_of_animals(contrasts)}"
        )
    if poor := list(_poorly_seen(budgets)):
        named = ", ".join(f"{readable(unit)} {percent(share)}" for unit, share in poor[:MOST_NAMED])
        more = f" and {len(poor) - MOST_NAMED} more" if len(poor) > MOST_NAMED else ""
        yield (
            f"Out of sight or not recognized for more than {percent(MOST_LEFT_OUT)} of their tracked time: "
            f"{named}{more}. "
            "Such shares are of the rest, which is no fair sample: animals are often hidden, and a recognizer unsure "
            "(behaviours.min_confidence, thresholds), while they do particular things; excluded.csv says what is why. "
            "Units just under that limit are not named here; Sample sizes has them all (left out)."
        )
    yield from _wide(pooled)
    yield from _unlike_means(budgets)


def _wide(pooled: pd.DataFrame) -> Iterator[str]:
    """What the time left out could change at most, where it is much."""
    shown = pooled[(pooled["bound_high"] - pooled["bound_low"] > WIDE_BOUNDS) & pooled["share"].notna()]
    if len(shown):
        row = shown.sort_values("share", kind="stable").iloc[-1]
        yield (
            f"Worst-case bounds are wide: {row['behaviour']} is {percent(row['share'])} of what was seen, and anything "
            f"from {percent(row['bound_low'])} to {percent(row['bound_high'])} of the tracked time, depending on what "
            "the animals did while out of sight or not recognized."
        )


def _unlike_means(budgets: pd.DataFrame) -> Iterator[str]:
    """Behaviours of which the share of all time and the mean over animals disagree by more than their intervals."""
    pooled = budgets[budgets["level"] == "pooled"]
    apart = pooled[(pooled["ci_high"] < pooled["mean_ci_low"]) | (pooled["mean_ci_high"] < pooled["ci_low"])]
    if apart.empty:
        return
    told = "; ".join(
        f"{row['behaviour']} {percent(row['share'])} of all time, {percent(row['mean_share'])} as a mean over animals"
        for _, row in apart.iterrows()
    )
    whom = apart["mean_method"].iloc[0].partition(";")[0]
    yield (
        f"Two shares of one behaviour disagree beyond their intervals: {told} ({whom}). In the former, animals seen "
        "longer weigh more; in the mean all weigh the same."
    )


def _of_replicates(budgets: pd.DataFrame) -> Iterator[str]:
    """Columns of statistics.by that do not vary within a session: its animals are no replicates of them.

    Each session then counts in one unit only, so that the units' sessions add up to those of the species.
    """
    units = budgets[budgets["share"].notna()].drop_duplicates(["level", "unit", "species"])
    sessions = units[units["level"] == "species"].set_index("species")["n_sessions"]
    for column, rows in units[~units["level"].isin(_OWN)].groupby("level", sort=False):
        counts = rows.groupby("species")["n_sessions"].agg(["sum", "count"])
        if not (counts["sum"] == sessions.reindex(counts.index)).all() or counts["count"].max() < 2:
            continue
        each = ", ".join(f"{readable(row['unit'])} {row['n_sessions']}" for _, row in rows.iterrows())
        few = f" Some have fewer than {LEAST_UNITS}." if rows["n_sessions"].min() < LEAST_UNITS else ""
        yield (
            f"Pseudo-replication: {column} is the same for all animals of a session: a difference between "
            f"its values is one between sessions ({each}), or the animals that keep to them; tracks and bouts are no "
            f"replicates of it.{few}"
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
