"""Which mini-scenes are worth labelling: all, or for each behaviour some in which the recognizer is least sure of it.

The least sure examples teach most (Lewis and Gale 1994, SIGIR: 3-12, uncertainty sampling; the margin between the two
likeliest is that of Scheffer, Decomain and Wrobel 2001, IDA: 309-318). They are no sample of the animals' time: what is
measured on them is not what is true of the footage.
"""

import numpy as np
import pandas as pd

from pipeline.columns import Column, Table
from pipeline.errors import UsageError
from pipeline.ethology.ethogram import Kind
from pipeline.export.held import Held
from pipeline.export.settings import Choice, ExportPlan

CHOSEN = Table(
    "chosen",
    (
        Column("video", "str", "", "key of the video: its path below the source, made safe"),
        Column("scene", "str", "", "the mini-scene: its track, and .2, .3 ... for the second and third of a track"),
        Column("subject", "str", "", "the animal's name, or its track's number where nobody named it"),
        Column("species", "str", "", "species, as the detector names it"),
        Column("start_s", "float", "s", "where the mini-scene starts in its video", decimals=6),
        Column("stop_s", "float", "s", "where it stops, exclusive", decimals=6),
        Column("behaviour", "str", "", "what it was chosen for; where all were: what fills most of it"),
        Column("behaviour_s", "float", "s", "how much of it that fills", decimals=6, low=0),
        Column("confidence", "float", "", "mean probability of that behaviour there", 4, missing=True),
        Column("margin", "float", "", "mean lead of the likeliest behaviour over the next there", 4, missing=True),
        Column("file", "str", "", "the mini-scene's video in this folder; empty where none was asked for"),
    ),
)
_SCENE = ["video", "scene"]


def choose(held: Held, plan: ExportPlan) -> pd.DataFrame:
    """The mini-scenes to be labelled: rows of ``held.scenes`` with ``behaviour behaviour_s confidence margin``.

    ``UsageError`` where none is long enough.
    """
    scenes = held.scenes
    lasts = scenes["stop_s"] - scenes["start_s"]
    scenes = scenes[(lasts >= plan.min_s) & (lasts > 0)]  # a still does not last
    if scenes.empty:
        raise UsageError(f"no mini-scene of {held.run} lasts min_s={plan.min_s:g} s; give a smaller min_s")
    offers = _offers(held.pieces).merge(scenes[_SCENE], on=_SCENE)
    if plan.per_behaviour is None:
        most = offers.sort_values("behaviour_s", ascending=False, kind="stable").drop_duplicates(_SCENE)
        found = scenes.merge(most, on=_SCENE, how="left")
        return found.assign(behaviour=found["behaviour"].fillna(""), behaviour_s=found["behaviour_s"].fillna(0.0))
    if offers.empty:
        raise UsageError(
            f"nothing was recognized in {held.run}, so that nothing can be chosen by it; give no per_behaviour"
        )
    return scenes.merge(_chosen(offers, plan.choose, plan.per_behaviour, plan.seed), on=_SCENE)


def _offers(pieces: pd.DataFrame) -> pd.DataFrame:
    """A row for each behaviour in each mini-scene: how long, and how sure the recognizer is over that time.

    Of sets of behaviours the first of states counts: the others lie beside it in the same time.
    """
    states = pieces[pieces["kind"] == Kind.state.value]
    pieces = states[states["set"] == states["set"].iloc[0]] if len(states) else pieces
    lasts = pieces["stop_s"] - pieces["start_s"]
    led = lasts.where(pieces["margin"].notna(), 0.0)
    weighed = pieces[[*_SCENE, "behaviour"]].assign(
        behaviour_s=lasts, led=led, confidence=pieces["confidence"] * lasts, margin=pieces["margin"].fillna(0.0) * led
    )
    summed = weighed.groupby([*_SCENE, "behaviour"], as_index=False).sum()
    told = {"confidence": summed["confidence"] / summed["behaviour_s"], "margin": summed["margin"] / summed["led"]}
    return summed.assign(**told).drop(columns="led")


def _chosen(offers: pd.DataFrame, by: Choice, count: int, seed: int) -> pd.DataFrame:
    """``count`` mini-scenes for each behaviour, the rarest first; none is chosen twice."""
    offers = _ranked(offers, by, seed)
    found: list[pd.DataFrame] = []
    for behaviour in offers.groupby("behaviour")["behaviour_s"].sum().sort_values(kind="stable").index:
        best = offers[offers["behaviour"] == behaviour].head(count)
        taken = pd.MultiIndex.from_frame(best[_SCENE])
        offers = offers[~pd.MultiIndex.from_frame(offers[_SCENE]).isin(taken)]
        found.append(best)
    return pd.concat(found)


def _ranked(offers: pd.DataFrame, by: Choice, seed: int) -> pd.DataFrame:
    """The offers, the most wanted first. ``even`` takes the videos in turn, and in each of them any mini-scene."""
    if by is not Choice.even:
        return offers.sort_values([by.value, *_SCENE], kind="stable")
    mixed = offers.iloc[np.random.default_rng(seed).permutation(len(offers))]
    turn = mixed.groupby(["video", "behaviour"]).cumcount()
    return mixed.iloc[np.argsort(turn.to_numpy(), kind="stable")]
