"""In short, for somebody who has never seen the tool: what the animals did, how sure that is, what to check."""

from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from pipeline import tables as declared
from pipeline.report.answers import doubts, trusted
from pipeline.report.audited import audit_of, by_observer, contradicted, seen_right
from pipeline.report.half_seen import half_seen
from pipeline.report.held_out import LEAST_RECALL, recall, told_right
from pipeline.report.markup import Markup, bullets, link, tag, together
from pipeline.report.sections.common import UNSEEN, between, by_set, found, listed, of_pooled
from pipeline.report.sections.contrasts import in_short
from pipeline.report.sections.unrecorded import left_out, unfollowed
from pipeline.report.summary import RunSummary
from pipeline.report.words import duration, percent, plural

_UNCHECKED = "As recognized: nobody has checked it on this footage in a way that can be used."
_DOUBTFUL = "doubtful: mostly of animals just coming into sight or leaving it, see Read this first"
_MOST = 6  # behaviours that are named in the sentence
_LEAST = 0.005  # a share that is worth naming
_APART_POINTS = 2  # between a share and the mean over animals, from which on both are told


def overview(summary: RunSummary, tables: Mapping[str, pd.DataFrame], warned: Sequence[str]) -> Markup:
    """Three short answers. ``warned`` are the cautions of the page."""
    budgets = of_pooled(found(tables, declared.TIME_BUDGETS))
    seen = budgets[budgets["share"].notna() & (budgets["visible_s"] > 0)]
    if seen.empty:
        return tag("p", "No animal was seen doing anything that was recognized.")
    doubtful = half_seen(found(tables, declared.BOUTS))
    return together(
        [
            tag("h3", "What the animals did"),
            *([] if seen_right(trusted(tables)) else [tag("p", _UNCHECKED)]),
            *(tag("p", sentence(rows, title, doubtful), class_="lead") for title, rows in by_set(seen)),
            *(tag("p", told) for told in in_short(tables)),
            tag("h3", "How sure this is"),
            bullets(_sure(summary, tables, seen)),
            tag("h3", "What to check"),
            bullets(_check(summary, tables, seen, warned)),
        ]
    )


def sentence(rows: pd.DataFrame, title: str = "", doubtful: Container[tuple[str, str]] = ()) -> str:
    """The pooled time budget of one set of behaviours, with its intervals or why there are none.

    ``doubtful`` are behaviours, by set and name, that are seen mostly at the edge of sight.
    """
    unseen = rows["behaviour"].str.lower().isin(UNSEEN)
    ordered = rows[~unseen].sort_values("share", ascending=False, kind="stable")
    named = ordered[ordered["share"] >= _LEAST].head(_MOST)
    first = rows.iloc[0]
    told = [f"{row['behaviour']} {percent(row['share'])}{_beside(row, doubtful)}" for _, row in named.iterrows()]
    none = rows[unseen & (rows["share"] >= _LEAST)]
    rest = float(rows["share"].sum() - named["share"].sum() - none["share"].sum())
    others = f"; other behaviours together {percent(rest)}" if rest >= _LEAST else ""
    others += "".join(f"; {row['behaviour']}, which is none, {percent(row['share'])}" for _, row in none.iterrows())
    how = (first["method"].partition("; ")[2] or first["method"]).replace(" (", ", ").replace(")", "")
    what = (
        f"in brackets the {how}"
        if named["ci_low"].notna().any()
        else f"there is no interval: {how.removeprefix('no interval: ')}"
    )
    of = f"shares of all animals' time together; {_means(named)}; " if pd.notna(first["mean_share"]) else ""
    return (
        f"In {duration(first['visible_s'])} of animals' time in sight and recognized{title}: {listed(told)}{others} "
        f"({of}{what})."
    )


def _beside(row: "pd.Series[Any]", doubtful: Container[tuple[str, str]]) -> str:
    """In brackets the limits, the mean over animals where it is another, and whether the behaviour is doubtful."""
    limits = between(row["ci_low"], row["ci_high"])
    mean = [f"animals' mean {percent(row['mean_share'])}"] if _unlike(row) else []
    doubt = [_DOUBTFUL] if (row["set"], row["behaviour"]) in doubtful else []
    told = "; ".join([*([] if limits == "-" else [limits]), *mean, *doubt])
    return f" ({told})" if told else ""


def _unlike(row: "pd.Series[float]") -> bool:
    return abs(row["mean_share"] - row["share"]) >= _APART_POINTS / 100


def _means(named: pd.DataFrame) -> str:
    """Whether means over animals are told beside the shares."""
    if not any(_unlike(row) for _, row in named.iterrows()):
        return f"means over animals, each weighing the same, are less than {_APART_POINTS} points off"
    return f"animals' mean: each animal weighs the same, told where it is {_APART_POINTS} points off or more"


def _again(budgets: pd.DataFrame) -> int | None:
    """Named animals that are in more than one session; None where nobody is named."""
    named = budgets[budgets["level"] == "individual"].drop_duplicates("unit")
    return int((named["n_sessions"] > 1).sum()) if len(named) else None


def _sure(summary: RunSummary, tables: Mapping[str, pd.DataFrame], seen: pd.DataFrame) -> Iterator[str]:
    first, audit = seen.iloc[0], trusted(tables)
    sessions, named = int(first["n_sessions"]), int(first["n_individuals"])
    animals = f"{plural(named, 'named animal')} in {plural(int(first['n_tracks']), 'track')}"
    if not named:
        animals = (
            f"{plural(int(first['n_tracks']), 'track')} of animals that nobody has named (at most "
            f"{first['most_at_once']} in sight at once), which are fragments and no replicates"
        )
    films = sum(video.recognized_s > 0 for video in summary.videos)
    each = " (one film each)" if films == sessions > 1 else ""
    yield f"The figures rest on {plural(sessions, 'session')}{each} and {animals}."
    if sessions > 1:
        yield _of_units(_again(found(tables, declared.TIME_BUDGETS)))
    yield f"No record of behaviour: {left_out(first, tables)}, in no share. {unfollowed(tables, summary.videos)}"
    widest = seen.sort_values("share", kind="stable").iloc[-1]
    yield (
        "Worst case over the tracked time: if none, or all, of the time left out of it had been spent in "
        f"{widest['behaviour']}, the commonest, it would take {between(widest['bound_low'], widest['bound_high'])} of "
        "it. Time before an animal's first and after its last box, and errors of the recognizer, are not in that."
    )
    for doubt in doubts(tables).values():
        yield together([tag("b", doubt), " ", tag("a", "What it says", href="#how-right"), "."])
    if right := seen_right(audit):
        where = tag("a", "an audit", href="#how-right")
        yield together(["On this footage, ", where, f" found: of the recognized time {right}."])
        yield _of_audit(audit)
    if told_right(summary.held_out) or not right:
        yield _of_recognizer(summary)


def _of_audit(audit: pd.DataFrame) -> Markup:
    """The behaviours that the audit contradicts, by each observer."""
    told = [
        f"{behaviour} ({how}, by {name})" for name, rows in by_observer(audit) for behaviour, how in contradicted(rows)
    ]
    if told:
        return tag("span", tag("b", "The audit contradicts what was recognized as: "), f"{listed(told)}.")
    return tag("span", "It clearly contradicts what was recognized of no behaviour; rare ones have few windows.")


def _of_units(again: int | None) -> str:
    """Whether sessions are independent; ``again``: named animals in more than one, None where nobody is named."""
    told = "Sessions count as independent, which holds only if their animals differ"
    if again is None:
        return f"{told}: as nobody is named, that is for you to judge."
    if not again:
        return (
            f"{told}: no name occurs in more than one. Where names were given film by film, the same animals may be in "
            "several all the same; n is then smaller and every interval too narrow."
        )
    return (
        f"{told}; here {plural(again, 'named animal')} {'is' if again == 1 else 'are'} in more than one. Limits of "
        "shares, where there are any, allow for that."
    )


def _of_recognizer(summary: RunSummary) -> str:
    name = summary.recognizer
    if not (right := told_right(summary.held_out, summary.held_out_chose_checkpoint)):
        return f"How often {name} is right is not known: there are no figures of it from held-out clips."
    unsure = summary.model.get("not good for", "")
    limits = f" It is not good for {unsure}." if unsure else ""
    trained = f", trained on {summary.trained_on.partition(';')[0]}" if summary.trained_on else ""
    where = "That was on its own kind of footage, not on this one."
    return f"Behaviours were recognized by {name}{trained}: {right}. {where}{limits}"


def _check(
    summary: RunSummary, tables: Mapping[str, pd.DataFrame], seen: pd.DataFrame, warned: Sequence[str]
) -> Iterator[str]:
    for name in doubts(tables):
        yield (
            f"Had {name} seen what was recognized before answering the audit? Ask, and let somebody who has not answer "
            "it anew: until then nobody knows how right the recognizer is here."
        )
    if warned:
        here = tag("a", "read this first", href="#read-first")
        yield together([f"{plural(len(warned), 'thing')} found in these results that can mislead: ", here, "."])
    where = "The methods card defines them." if summary.definitions else "This report has names and no definitions."
    yield f"Do you mean by the behaviours' names what the recognizer's training data took for them? {where}"
    if _again(found(tables, declared.TIME_BUDGETS)) is not None:
        yield (
            "Is each name one animal, and each animal one name? Names are yours (individuals.csv), and joined tracks "
            "and days: of two animals under one name one budget is made, an animal under two names counts twice, and "
            "where a track changed animals the rest is another's."
        )
    films = [path for video in summary.videos for path in video.files if path.endswith("overlay.mp4")]
    if films:
        watch = link(films[0], "overlay video")
        yield together(["Watch a few minutes of an ", watch, ": are boxes, numbers and behaviours right?"])
    else:
        yield (
            "Watch some of the footage beside its ethogram: does what was recognized happen? An overlay video shows "
            "both in one; ethopipe run makes them with overlay=true, and none was made here."
        )
    common = set(seen.loc[seen["share"] >= 0.05, "behaviour"])
    poor = [name for name, value in recall(summary.held_out).items() if value < LEAST_RECALL and name in common]
    if poor:
        yield f"{listed(poor)}: common here, and often recognized wrong on held-out clips; look at bouts of it."
    if not seen_right(audit_of(tables)):
        yield (
            "Nobody has judged this footage by eye yet: ethopipe audit draws moments to look at blindly, and only that "
            "says how right the recognizer is here."
        )
