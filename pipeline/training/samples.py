"""From numbers of clips to what a network takes. Letters: B clips, T frames, C channels, h x w pixels,
K behaviours, S species.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.recognizers.preprocessing import Preprocessing
from pipeline.training.augment import AugmentationSettings, Framing, changed, framing, sample_times, shown
from pipeline.training.batches import CHANGE
from pipeline.training.labels import Labels
from pipeline.training.landmarks import MIRRORED
from pipeline.training.pixels import Pixels, middle
from pipeline.training.start import Start
from pipeline.types import BoolArray, IntArray


@dataclass
class Samples:
    """Reads clips as a network is shown them, for training (changed) and for judging (as a recognizer sees them).

    ``truth`` [N, K] is what each clip shows; ``mirror`` [K] is what each behaviour is in a mirror: itself, or its twin
    on the other side. ``species`` [N, S] is which species it shows, a row of False where nobody knows. Files are opened
    once a process.
    """

    labels: Labels
    truth: BoolArray
    start: Start
    augmentation: AugmentationSettings
    mirror: IntArray
    seed: int
    species: BoolArray | None = None  # None: nobody is to tell them
    _opened: tuple[int, Pixels] | None = field(init=False, repr=False, default=None)  # by which process, and what

    def training(self, round_: int, step: int, clips: IntArray, places: IntArray) -> Any:
        """Clips of a batch ``uint8 [B, T, h, w, C]``, their truth [B, K + S] and landmarks [B, T, P, 2] in shares.

        A function of the seed, the round, the step and the clips' ``places`` in the batch. Landmarks that nobody knows
        are NaN.
        """
        import torch

        made, marked, truth = [], [], []
        for index, k in zip(clips.tolist(), places.tolist(), strict=True):
            rng = np.random.default_rng([self.seed, CHANGE, round_, step, k])
            times = sample_times(self._pixels().times(index), self.start.clip, self.augmentation, rng)
            images = self._pixels().read(index, times)
            base = shown(images.shape[1], images.shape[2], self.start.preprocessing)
            framed = framing(len(images), base, self.augmentation, rng)
            made.append(changed(images, framed, self.start.size, self.augmentation, rng))
            marked.append(self._marked(index, times, framed))
            truth.append(self._shown(index, self.mirror if framed.mirrored else slice(None)))
        return torch.from_numpy(np.stack(made)), torch.from_numpy(np.array(truth, dtype=np.float32)), np.stack(marked)

    def _shown(self, index: Any, behaviours: Any = slice(None)) -> BoolArray:
        """What clips show [..., K + S]: behaviours, in the order given, then species."""
        own = self.truth[index][..., behaviours]
        return own if self.species is None else np.concatenate([own, self.species[index]], axis=-1)

    def _marked(self, index: int, times: FloatArray, framed: Framing) -> FloatArray:
        """The landmarks [T, P, 2] of a clip as it is framed; in a mirror left is right."""
        places = self._pixels().landmarks(index, times)
        if places is None:
            return np.full((len(times), len(MIRRORED), 2), np.nan)
        shares = framed.of_points(places)
        return shares[:, MIRRORED] if framed.mirrored else shares

    def judged(self, clips: IntArray) -> Any:
        """The middle of each clip ``float [B, T, C, h, w]``, prepared as a recognizer does it, and truth [B, K + S]."""
        import torch

        made = []
        steps = self.start.clip.interval_s * np.arange(self.start.clip.frames, dtype=np.float64)
        for index in clips.tolist():
            times = self._pixels().times(index)
            wanted = middle(times, self.start.clip.span_s) + steps
            images = torch.from_numpy(np.ascontiguousarray(self._pixels().read(index, wanted)))
            made.append(self.start.preprocessing.apply(images[None])[0])
        return torch.stack(made), torch.from_numpy(self._shown(clips).astype(np.float32))

    @property
    def prepared(self) -> Preprocessing:
        """What is left to do with clips of ``training``: they have their size already."""
        return replace(self.start.preprocessing, resize=(), crop=())

    def _pixels(self) -> Pixels:
        if self._opened is None or self._opened[0] != os.getpid():  # a file opened before a fork has one place for all
            self._opened = (os.getpid(), Pixels(self.labels))
        return self._opened[1]


@dataclass(frozen=True)
class Held:
    """The held-out clips in batches, as a loader that can be gone through again."""

    samples: Samples
    clips: IntArray
    batch: int

    def __len__(self) -> int:
        return -(-len(self.clips) // self.batch)

    def __iter__(self) -> Iterator[Any]:
        for at in range(0, len(self.clips), self.batch):
            yield self.samples.judged(self.clips[at : at + self.batch])
