"""Train the embedded detector on rendered tiles: ``python scripts/train_detector.py TILES WORK models/savanna_yolo``.

TILES may be several folders. WORK keeps the checkpoint and the curves: the same command goes on where it was stopped.
See ``pipeline/training/detector_tiles.py`` for what TILES holds.
"""

import argparse
import logging
import os
import shutil
import sys
from pathlib import Path

from pipeline.detectors.folder import DetectorCard, write_folder
from pipeline.errors import EthopipeError, UsageError
from pipeline.memory import steady
from pipeline.simulate.examples import SPECIES
from pipeline.training.detector import CURVES, Trainer
from pipeline.training.detector_fit import DetectorFit
from pipeline.training.detector_judge import judged
from pipeline.training.detector_pixels import Mixing
from pipeline.training.detector_tiles import joined, read_tiles
from pipeline.training.settings import PRECISIONS

_NOT_GOOD_FOR = (
    "footage of real animals without a check: it has seen rendered scenes only. Other species, ground cameras, nights, "
    "thermal pictures, animals under about 12 px in the scaled tile"
)


def main() -> int:
    """Train, judge, and write the model's folder; 1 where the tiles cannot be used."""
    given = _given()
    steady()
    os.environ.setdefault(
        "OMP_WAIT_POLICY", "PASSIVE"
    )  # before torch: threads that spin halve a shared machine's speed
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        fit = _fit(given)
        tiles = joined([read_tiles(folder, tuple(SPECIES)) for folder in given.tiles])
        trainer = Trainer(tiles, fit, given.work)
        trainer.run()
        _export(trainer, given.out, given.trained_on)
    except EthopipeError as error:
        print(error, file=sys.stderr)
        return 1
    if not trainer.done:
        print(f"stopped at step {trainer.step} of {fit.steps}; the same command goes on")
    return 0


def _fit(given: argparse.Namespace) -> DetectorFit:
    """The settings of the fit; ``UsageError`` where one of them cannot be."""
    try:
        return DetectorFit(
            init=tuple(given.init),
            seed=given.seed,
            steps=given.steps,
            batch=given.batch,
            image_px=given.image_px,
            learning_rate=given.learning_rate,
            keep=given.keep,
            check_steps=given.check_steps,
            budget_s=given.budget_s,
            precision=given.precision,
            device=given.device,
            workers=given.workers,
            mixing=Mixing(mosaic=given.mosaic, strength=given.strength),
        )
    except ValueError as error:
        raise UsageError(str(error)) from error


def _export(trainer: Trainer, out: Path, trained_on: str) -> None:
    """Write the folder of what is kept, with what it reaches on all held-out tiles."""
    kept = trainer.kept
    figures = judged(kept, trainer.tiles, trainer.held_out)
    scenes = len(set(trainer.tiles.group[trainer.train_on]))
    learnt = f"{len(trainer.train_on)} rendered tiles of {scenes} simulated scenes; no real image"
    card = DetectorCard(
        name=out.name,
        species=trainer.tiles.species,
        image_px=trainer.fit.image_px,
        source=f"scripts/train_detector.py, the architecture YOLO11n of ultralytics, from {trainer.origin}",
        trained_on=trained_on or (learnt if trainer.step else "nothing more than what it is made of"),
        not_good_for=_NOT_GOOD_FOR,
        metrics={f"held_out_tiles_{name}": round(value, 4) for name, value in figures.items() if value == value},
        held_out_chose_checkpoint=False,  # what is kept after the last step is taken
    )
    out.mkdir(parents=True, exist_ok=True)
    if trainer.rows:
        shutil.copyfile(trainer.folder / CURVES, out / CURVES)
    write_folder(out, kept.state_dict(), trainer.described, card)
    print(f"{out}: {', '.join(f'{k} {v:.3f}' for k, v in figures.items())}")


def _given() -> argparse.Namespace:
    fit, mixing = DetectorFit(), Mixing()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tiles", type=Path, nargs="+", help="folders of rendered tiles")
    parser.add_argument("work", type=Path, help="folder of the checkpoint and the curves")
    parser.add_argument("out", type=Path, help="folder of the model")
    parser.add_argument(
        "--init",
        nargs="+",
        default=fit.init,
        help="model to go on from, a folder or a name; several: their mean; none: random weights",
    )
    parser.add_argument("--seed", type=int, default=fit.seed)
    parser.add_argument(
        "--steps",
        type=int,
        default=fit.steps,
        help="of the whole training, over all its runs; 0: what --init names is judged as it is",
    )
    parser.add_argument("--batch", type=int, default=fit.batch)
    parser.add_argument("--image-px", type=int, default=fit.image_px, help="side of a picture, a multiple of 32")
    parser.add_argument("--learning-rate", type=float, default=fit.learning_rate)
    parser.add_argument("--keep", type=float, default=fit.keep, help="share of the first weights in what is saved")
    parser.add_argument("--check-steps", type=int, default=fit.check_steps, help="steps between checkpoints")
    parser.add_argument("--budget-s", type=float, default=0.0, help="stop after so many seconds; 0: at the last step")
    parser.add_argument(
        "--precision", choices=PRECISIONS, default=fit.precision, help="bf16: on GPUs, CPUs that have it"
    )
    parser.add_argument("--device", default=fit.device, help="auto, cpu, cuda, cuda:1, mps")
    parser.add_argument("--workers", type=int, default=fit.workers, help="processes that make the pictures")
    parser.add_argument("--mosaic", type=float, default=mixing.mosaic, help="share of the pictures made of four tiles")
    parser.add_argument("--strength", type=float, default=mixing.strength, help="of the changes to pixels; 0: none")
    parser.add_argument("--trained-on", default="", help="what the card says of the tiles")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
