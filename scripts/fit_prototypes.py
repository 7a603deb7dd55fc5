"""Where the behaviours that a model knows lie among its features, written into its folder (prototypes.safetensors).

    python scripts/fit_prototypes.py CLIPS models/savanna_videomae

``ethopipe train`` does it for every model that it makes; this is for one that was made before it did. CLIPS is a folder
with clips.csv that shows every behaviour of the model, as ``render_examples.py clips`` makes it.
"""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from pipeline.artifacts import file_hash
from pipeline.chain.progress import Progress
from pipeline.checksums import write_sums
from pipeline.config import compose
from pipeline.errors import EthopipeError, UsageError
from pipeline.model_folder import PROTOTYPES
from pipeline.plan import training_plan
from pipeline.recognizers.folder import read_card, write_card
from pipeline.training.features import Views, features
from pipeline.training.known import known_by, write_known
from pipeline.training.samples import Samples
from pipeline.training.start import halved
from pipeline.training.train import labels_of, start_of


def main() -> int:
    """Look at the clips and write; 1 where something cannot be read, or a behaviour has no clip."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", type=Path)
    parser.add_argument("model", type=Path)
    given = parser.parse_args()
    clips, model = given.clips, given.model
    try:
        card, words = read_card(model), [f"data={clips}", f"init={model}", f"out={clips / 'features'}", "fit=probe"]
        plan = training_plan(compose("train", words))
        labels, _ = labels_of(plan, Progress()).of_one_behaviour()
        if lost := [name for name in card.behaviours if name not in labels.behaviours]:
            raise UsageError(f"{clips} shows no {', '.join(lost)}, which {model} knows")
        start = start_of(plan, card.behaviours)
        halved(start.model)
        samples = Samples(labels, labels.truth(card.behaviours), start, plan.augmentation, np.arange(start.outputs), 0)
        seen = features(Views(samples, np.arange(len(labels)), 0), plan.working, "cpu", Progress())[:, 0]
    except EthopipeError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    write_known(model, known_by(seen, samples.truth.argmax(axis=1), start.outputs, None))
    sums = card.sha256 | {PROTOTYPES: file_hash(model / PROTOTYPES)}
    write_card(model, replace(card, sha256=dict(sorted(sums.items()))))
    write_sums(model)
    return 0


if __name__ == "__main__":
    sys.exit(main())
