"""The folder that a recognizer reads: its weights in half precision, card.yaml, and what the figures rest on."""

import shutil
from dataclasses import replace
from pathlib import Path
from textwrap import fill
from typing import Any

import pandas as pd

from pipeline.artifacts import file_hash, storage, write_csv, write_json
from pipeline.checksums import SUMS, write_sums
from pipeline.evaluation.calibration import reliability
from pipeline.evaluation.confusion import confusion_table
from pipeline.evaluation.held_out import FILE as HELD_OUT
from pipeline.model_folder import SPECIES_HEAD
from pipeline.recognizers.card import Card
from pipeline.recognizers.folder import CARD, write_card
from pipeline.recognizers.preprocessing import to_hugging_face
from pipeline.recognizers.species import LAYER
from pipeline.recognizers.transformers import quiet
from pipeline.report.held_out import flattering
from pipeline.report.recognition import confusion_figure, reliability_figure
from pipeline.report.style import save, styled
from pipeline.training.crossed import by_fold
from pipeline.training.judge import Judged
from pipeline.training.known import write_known
from pipeline.training.start import Start

WEIGHTS, PROCESSOR = "model.safetensors", "preprocessor_config.json"
DPI = 150
_LEGEND = 16  # letters of a line
CURVES, CONFUSION, FOLDS = "curves.csv", "confusion.csv", "folds.csv"
SPECIES_CONFUSION = "species_confusion.csv"


def save_model(folder: Path, start: Start, card: Card, rows: list[dict[str, float]], judged: Judged) -> None:
    """Write the folder; ``card.yaml`` after what it describes, ``sha256sums.txt`` last.

    ``rows`` are the curves, none where nothing was fitted step by step.
    """
    part = folder / ".part-model"
    with storage(folder):
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        _write_network(part, start)
        for name in (SUMS, CARD):
            (folder / name).unlink(missing_ok=True)
        names = sorted(path.name for path in part.iterdir())
        for name in names:
            (part / name).replace(folder / name)
        shutil.rmtree(part)
    if rows:
        write_csv(folder / CURVES, pd.DataFrame(rows).astype({"step": "int64"}))
    if judged.exclusive and not judged.kept:
        write_csv(folder / CONFUSION, confusion_table(judged.counts, card.behaviours))
    if (counts := judged.species_counts) is not None:
        write_csv(folder / SPECIES_CONFUSION, confusion_table(counts, card.species))
    if len(judged.rows):
        write_csv(folder / HELD_OUT, judged.table)
    if not judged.kept:
        if judged.fold is not None:
            write_csv(folder / FOLDS, by_fold(judged))
        _write_figures(folder, judged, card)
    write_card(folder, replace(card, sha256={name: file_hash(folder / name) for name in names}))
    write_sums(folder)


def _write_network(folder: Path, start: Start) -> None:
    """Weights in half precision, and what the library of the network's family wants beside them.

    The species head goes into a file of its own: to the library it would be a layer that it does not know.
    """
    if start.species:
        _write_layer(folder / SPECIES_HEAD, start.species_head)
        delattr(start.model, LAYER)
    if start.known is not None:
        write_known(folder, start.known)
    if start.architecture:  # torchvision's: its card says the rest
        _write_layer(folder / WEIGHTS, start.model)
        return
    start.model.config._name_or_path = ""  # a folder of this machine
    start.model.config.problem_type = None if start.exclusive else "multi_label_classification"
    with quiet():
        start.model.half().save_pretrained(folder)
    if (processor := to_hugging_face(start.preprocessing, start.family)) is not None:
        write_json(folder / PROCESSOR, processor)


def _write_layer(path: Path, layer: Any) -> None:
    """A network's or a layer's weights in half precision."""
    from safetensors.torch import save_file

    save_file({name: value.contiguous() for name, value in layer.half().state_dict().items()}, path)


def _write_figures(folder: Path, judged: Judged, card: Card) -> None:
    """What is taken for what, and whether the probabilities mean what they say, as pictures."""
    names = judged.outcomes.behaviours
    with styled():
        if judged.exclusive:
            save(confusion_figure(judged.counts, names, names, "clip"), folder / "confusion.svg", DPI)
        clips = fill(f"held-out clips{flattering(bool(card.held_out_chose_checkpoint))}", _LEGEND)
        save(reliability_figure({clips: reliability(judged.apart)}), folder / "reliability.svg", DPI)
