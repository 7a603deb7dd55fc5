"""The folder that a recognizer reads: config.json, model.safetensors in half precision, card.yaml, curves, sums."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.artifacts import file_hash, storage, whole
from pipeline.checksums import write_sums
from pipeline.evaluation.confusion import confusion_table
from pipeline.model_folder import SUMS
from pipeline.recognizers.card import Card
from pipeline.recognizers.folder import CARD, write_card
from pipeline.recognizers.transformers import quiet
from pipeline.types import IntArray

WEIGHTS, CONFIG, CURVES, CONFUSION = "model.safetensors", "config.json", "curves.csv", "confusion.csv"


def halved(model: Any) -> Any:
    """The network as it will be read back: every weight rounded to half precision. What is judged is what is saved."""
    import torch

    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(parameter.half().float())
    return model


def save_model(folder: Path, model: Any, card: Card, rows: list[dict[str, float]], counts: IntArray) -> None:
    """Write the folder; ``card.yaml`` after what it describes, ``sha256sums.txt`` last."""
    part = folder / ".part-model"
    with storage(folder):
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        model.config._name_or_path = ""  # a folder of this machine
        with quiet():
            model.half().save_pretrained(part)
        for name in (SUMS, CARD):
            (folder / name).unlink(missing_ok=True)
        for name in (CONFIG, WEIGHTS):
            (part / name).replace(folder / name)
        shutil.rmtree(part)
    _write_csv(folder / CURVES, pd.DataFrame(rows).astype({"step": "int64"}))
    _write_csv(folder / CONFUSION, confusion_table(counts, card.behaviours))
    write_card(folder, replace(card, sha256={name: file_hash(folder / name) for name in (CONFIG, WEIGHTS)}))
    write_sums(folder)


def _write_csv(path: Path, data: pd.DataFrame) -> None:
    with whole(path) as part:
        data.to_csv(part, index=False, lineterminator="\n", float_format="%.6g")
