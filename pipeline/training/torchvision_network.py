"""A video network of torchvision (MViT v2, Swin3D, S3D, R(2+1)D) to go on with: published weights, or a folder."""

from collections.abc import Sequence
from dataclasses import replace

from pipeline.recognizers.folder import find_model
from pipeline.recognizers.torchvision import TorchvisionRecognizer
from pipeline.training.known import read_known
from pipeline.training.start import Start


def from_torchvision(name: str, weights: str | None, behaviours: Sequence[str], seed: int) -> Start:
    """``name`` is an architecture with published ``weights``, or a folder whose card names one; its head is new.

    The clip and the pixels are as they were trained. Raises the errors of ``recognizer=torchvision``.
    """
    import torch

    known = TorchvisionRecognizer(name, weights, interval_s=None, batch=1, device="cpu", half=False)
    card = known.card
    assert card.preprocessing is not None  # the recognizer sees to it
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = known.load()
    high, wide = card.preprocessing.crop or card.preprocessing.resize
    start = Start(
        model,
        card.architecture.split("_")[0],
        card.clip,
        card.preprocessing,
        (high, wide),
        card.behaviours,
        card.name,
        card.architecture,
        card.close,
        species=card.species,
    )
    if (folder := find_model(name)) is not None:
        start = replace(start, known=read_known(folder, *start.head_values()[0].shape))
    return start.for_behaviours(behaviours, seed)
