"""How fast each behaviour is, measured as the chain measures it, written into the card of the embedded recognizer.

    python scripts/fit_speeds.py WORK models/savanna_videomae [--scenes 12] [--seconds 40]

Small scenes with seeds from 1,000,000 on (those below are for judging) are filmed into WORK and run with their true
boxes. Of every window of ``recognizer=kinematic`` (2 s) that shows one behaviour only, the speed over the ground is
taken; the card gets each behaviour's median in body lengths/s, of all species and of each, and one spread for all: that
of the logarithms of those that move about their species' medians, 1.4826 times the median distance, as wild speeds have
a share of their own (``recognizers/speed.py``). A gait that a species was not seen in is as much faster than that of
all species as its others are. Of the dimensionless speed, from places in metres, it gets the medians and the spread of
all species together.
"""

import argparse
import logging
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline import windows
from pipeline.artifacts import read_table
from pipeline.build import build
from pipeline.chain.progress import Progress
from pipeline.chain.run import run
from pipeline.checksums import write_sums
from pipeline.config import SCENE, compose
from pipeline.errors import EthopipeError
from pipeline.miniscenes import mini_scenes
from pipeline.plan import plan
from pipeline.recognizers.folder import read_card, write_card
from pipeline.recognizers.speed import SLOWEST, SLOWEST_DIMENSIONLESS, STEP_S
from pipeline.recognizers.travel import dimensionless_speeds_of, speed_of
from pipeline.simulate.examples import TRAINED_ON
from pipeline.simulate.film import film
from pipeline.simulate.truth_files import FOLDER, read_truth
from pipeline.tables import CAMERA, GROUND, TRACKS

FLIGHTS = ("hover", "pan", "orbit", "follow")
HERD = "{plains_zebra: 3, grevys_zebra: 3, giraffe: 3, impala: 3, baboon: 4}"
SMALL = ["scene.width=640", "scene.height=360", "scene.rate=6", "scene.schedule=busy", "scene.animal_px=[40, 70]"]
LEAST = 10  # windows from which a species' own median is told
MOVES = 2 * SLOWEST  # body lengths/s: behaviours of a higher median are gaits


def main() -> int:
    """Film, measure, print, and write the card; 1 where something fails."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--scenes", type=int, default=12)
    parser.add_argument("--seconds", type=float, default=40.0)
    given = parser.parse_args()
    logging.getLogger("pipeline.windows").setLevel(logging.ERROR)
    try:
        card = read_card(given.model)
        speeds = pd.concat(
            [_measured(given.work / str(k), TRAINED_ON + k, FLIGHTS[k % 4], given.seconds) for k in range(given.scenes)]
        )
    except EthopipeError as error:
        print(error, file=sys.stderr)
        return 1
    speeds = speeds[speeds["behaviour"].isin(card.behaviours)]
    speeds["log"] = np.log(speeds["speed"].clip(lower=SLOWEST))
    speeds["ground"] = np.log(speeds["dimensionless"].clip(lower=SLOWEST_DIMENSIONLESS))
    by_species = speeds.groupby(["species", "behaviour"])
    told = {"body lengths/s": by_species["log"], "dimensionless": by_species["ground"]}
    table = pd.DataFrame({"windows": by_species.size()} | {k: np.exp(of.median()) for k, of in told.items()})
    moves = by_species["log"].transform("median") > np.log(MOVES)
    spread = _spread(speeds["log"] - by_species["log"].transform("median"), moves)
    spread_ground = _spread(speeds["ground"] - speeds.groupby("behaviour")["ground"].transform("median"), moves)
    print(table.round(3).to_string(), f"spreads {spread:.3f} {spread_ground:.3f}")
    pooled = _medians(speeds, "log")
    own = {str(name): _filled(_medians(rows, "log"), pooled) for name, rows in speeds.groupby("species")}
    write_card(
        given.model,
        replace(
            card,
            speeds=_in_order(pooled, card.behaviours),
            species_speeds={name: _in_order(logs, card.behaviours) for name, logs in own.items()},
            speed_spread=spread,
            dimensionless_speeds=_in_order(_medians(speeds, "ground"), card.behaviours),
            dimensionless_spread=spread_ground,
        ),
    )
    write_sums(given.model)
    return 0


def _spread(off: "pd.Series[float]", moves: "pd.Series[bool]") -> float:
    """Standard deviation of the logarithms of those that move, by their median distance."""
    return round(1.4826 * float(off[moves].abs().median()), 3)


def _medians(speeds: pd.DataFrame, column: str) -> "pd.Series[float]":
    """Median logarithm of the speed of each behaviour that enough windows show."""
    logs = speeds.groupby("behaviour")[column]
    return logs.median()[logs.count() >= LEAST]


def _filled(own: "pd.Series[float]", pooled: "pd.Series[float]") -> "pd.Series[float]":
    """A species' medians, and of what it was not seen in the pooled ones, faster by what its other gaits are."""
    moves = pooled[pooled > np.log(MOVES)]
    faster = (own.reindex(moves.index) - moves).mean()
    return own.combine_first(moves + (0.0 if np.isnan(faster) else faster))


def _in_order(logs: "pd.Series[float]", behaviours: Sequence[str]) -> dict[str, float]:
    return {name: round(float(np.exp(logs[name])), 3) for name in behaviours if name in logs}


def _measured(folder: Path, seed: int, flight: str, seconds: float) -> pd.DataFrame:
    """``species behaviour speed dimensionless``, one row a window of a new scene that shows one behaviour."""
    words = [*SMALL, f"scene.animals={HERD}", f"scene.flight={flight}", f"scene.duration_s={seconds}"]
    video = film(build(compose("simulate", words).scene, SCENE["scene"]), seed, folder)
    config = compose("run", ["detector=replay", "tracker=replay", "recognizer=kinematic", "overlay=false"])
    config.source, config.out = [str(video)], str(folder / "run")
    config.detector.path = str(folder / FOLDER / "tracks.parquet")
    made = plan(config, " ".join(sys.argv))
    if run(made, Progress()) != 0:
        raise EthopipeError(f"the run over {video} failed")
    stored, parts = made.out / "videos" / video.name, made.parts
    scenes = mini_scenes(read_table(stored / "tracks.parquet", TRACKS), parts.miniscene)
    camera = read_table(stored / "camera.parquet", CAMERA)
    truth = read_truth(folder).animals.set_index(["track", "frame"])["behaviour"]
    rows = []
    ground = read_table(stored / "ground.parquet", GROUND)
    for window in windows.plan(scenes, camera, parts.recognizer.card.clip, parts.window, ground):
        shown = truth.reindex(pd.MultiIndex.from_product([[window.track], window.frames]))
        if shown.nunique(dropna=False) == 1 and np.isfinite(speed := speed_of(window, STEP_S)):
            rows.append((window.species, shown.iloc[0], speed, *dimensionless_speeds_of(window, STEP_S)))
    return pd.DataFrame(rows, columns=["species", "behaviour", "speed", "dimensionless"])


if __name__ == "__main__":
    sys.exit(main())
