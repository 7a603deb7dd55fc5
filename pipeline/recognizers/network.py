"""A loaded video network on its device: crops in, probabilities out. What the network is, its loader knows.

Letters: B windows, T frames, C channels, H x W pixels, K behaviours, S species.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.device import resolve
from pipeline.errors import UsageError
from pipeline.recognizers.card import Card
from pipeline.recognizers.folder import check_head
from pipeline.recognizers.preprocessing import Preprocessing
from pipeline.recognizers.species import asked, head_of
from pipeline.types import Window


@dataclass(frozen=True)
class Network:
    """A network in evaluation mode; ``forward`` gives logits [B, K] for ``float [B, T, C, H, W]``.

    Where the card names species the network has a head for them too (``species.attach``). Where it has M ``moments``
    the network gives [B M, K], a row for each.
    Where it gives [B, P, K], at P positions of the clip, the probabilities of a window are the mean of those there.
    ``flip``: every window is also shown as in a mirror, and its probabilities are the mean of both, each behaviour with
    what it is there (``card.mirror``); twice the time.
    """

    model: Any
    forward: Callable[[Any, Any], Any]
    card: Card
    preprocessing: Preprocessing
    device: str
    dtype: Any
    flip: bool = False

    @classmethod
    def place(
        cls,
        model: Any,
        forward: Callable[[Any, Any], Any],
        card: Card,
        preprocessing: Preprocessing,
        device: str,
        half: bool,
    ) -> "Network":
        """Move a loaded model to ``device`` (``auto`` is resolved), to half precision where that is a GPU's."""
        place = resolve(device)
        dtype = half_type(place) if half else _torch().float32
        return cls(model.to(device=place, dtype=dtype).eval(), forward, card, preprocessing, place, dtype)

    def score(self, windows: Sequence[Window]) -> FloatArray:
        """Probabilities ``[B M, K + S]``; each window must hold ``card.clip.frames`` images."""
        torch = _torch()
        if not windows:
            return np.zeros((0, self.card.outputs))
        images = np.stack([self._images(window) for window in windows])  # [B, T, H, W, C]
        with torch.inference_mode():
            clips = self.preprocessing.apply(torch.from_numpy(images).to(self.device))  # [B, T, C, H, W]
            scores = self._probabilities(clips.to(self.dtype))
            check_head(self.card.name, scores.shape[1] - len(self.card.species), self.card)
            if self.flip:
                scores = (scores + self._probabilities(clips.to(self.dtype).flip(-1))[:, self.card.mirrored]) / 2
        return np.asarray(scores.cpu().numpy(), dtype=np.float64)

    def _probabilities(self, clips: Any) -> Any:
        if not self.card.species:
            return self._of_behaviours(self.forward(self.model, clips).double())
        logits = asked(self.model, head_of(self.model), lambda: self.forward(self.model, clips)).double()
        own, species = logits.split([logits.shape[1] - len(self.card.species), len(self.card.species)], dim=1)
        return _torch().cat([self._of_behaviours(own), species.softmax(-1)], dim=1)

    def _of_behaviours(self, logits: Any) -> Any:
        scores = logits.softmax(-1) if self.card.activation == "softmax" else logits.sigmoid()
        return scores.mean(1) if scores.ndim == 3 else scores

    def _images(self, window: Window) -> Any:
        if len(window.frames) != self.card.clip.frames:
            raise UsageError(
                f"model {self.card.name} sees {self.card.clip.frames} frames at once, got windows of "
                f"{len(window.frames)}; leave window.frames=null"
            )
        return window.images


def half_type(device: str) -> Any:
    """The 16 bit type that a device computes in: bfloat16 where it can, float16 on other GPUs, float32 on CPU."""
    torch = _torch()
    if device.startswith("cuda"):
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    return torch.float16 if device.startswith("mps") else torch.float32


def _torch() -> Any:
    import torch

    return torch
