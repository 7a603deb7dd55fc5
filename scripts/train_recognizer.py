"""Train the embedded recognizer on clips of the simulated savanna.

    python scripts/train_recognizer.py CLIPS [key=value ...]

CLIPS is a folder with clips.csv, as ``render_examples.py clips`` makes it. The training itself is ``ethopipe train``
with the settings below; it goes on where it was stopped. They are for a GPU beside ``workers``, one a core: seven and a
half minutes on an H200 with 16. On a CPU add ``fit.batch=32 fit.patches=0.5`` (half of a clip's moments a step): a step
then takes 3.5 s on two cores with AVX512-BF16. Where there is neither that nor AMX add ``fit.precision=32``: 10 s, more
than half of it for Muon's bf16. Its folder (runs/savanna_videomae, or ``out=FOLDER``) keeps the checkpoints, the seven
files of the model are copied to models/savanna_videomae.
"""

import shutil
import sys
from pathlib import Path

from pipeline.checksums import write_sums
from pipeline.cli import main
from pipeline.config import compose
from pipeline.overrides import parse, quoted
from pipeline.recognizers.folder import models_folder

NAME = "savanna_videomae"
FILES = (
    *("config.json", "preprocessor_config.json", "model.safetensors", "prototypes.safetensors"),
    *("curves.csv", "confusion.csv", "card.yaml"),
)
DEFINITIONS = {
    "Walk": "walks, each foot by itself",
    "Graze": "head at the ground, standing or with slow steps",
    "Browse": "mouth at the leaves of a bush or tree, standing",
    "Head Up": "stands with the head raised",
    "Auto-Groom": "stands with the head turned to its own flank, back or shoulder",
    "Trot": "trots, diagonal legs together",
    "Run": "gallops",
    "Occluded": "less than 30 % of its outline shows, or it stands with its head out of the picture",
}
SETTINGS = (
    f"vocabulary=[{','.join(DEFINITIONS)}]",
    f"about.definitions={{{','.join(f'{name}: {quoted(text)}' for name, text in DEFINITIONS.items())}}}",
    f"about.name={NAME}",
    "about.close=true",
    "told_right=null",
    "about.licence=AGPL-3.0-or-later",
    "about.trained_on='clips of the simulated savanna (pipeline/simulate), no real footage'",
    "fit.steps=5128",
    "fit.optimizer=muon",
    "fit.batch=128",
    "fit.precision=bf16",
    "fit.round_steps=641",
    "fit.check_clips=640",
    "split.held_out=0.1",
    "fit.warmup=0.02",
    "fit.dropout=0.1",
    "fit.average=0.999",
    "fit.landmarks=1",
    "network.depth=6",
    "network.patch_px=8",
    "network.tubelet_frames=4",
    "network.moments=4",
    *(
        f"augmentation.{word}"
        for word in ("scale_low=0.75", "scale_high=1.2", "shift=0.07", "drift=0.03", "aspect=1.2")
    ),
    *(f"augmentation.{word}" for word in ("colour=0.3", "blur=0.2", "low_resolution=0.25", "noise=0.2", "erase=0.15")),
    "about.not_good_for='results on real animals without checking: it never saw one'",
)


def run(clips: str, words: list[str]) -> int:
    """Train, then copy the model; returns the exit code of the command."""
    words = [f"data={clips}", f"out=runs/{NAME}", *SETTINGS, *words]
    code = main(["train", *words])
    if code == 0:
        out = Path(compose("train", parse(words)[1]).out)
        target = models_folder() / NAME
        target.mkdir(exist_ok=True)
        for name in FILES:
            shutil.copyfile(out / name, target / name)
        write_sums(target)
        print(f"copied to {target}")
    return code


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(run(sys.argv[1], sys.argv[2:]))
