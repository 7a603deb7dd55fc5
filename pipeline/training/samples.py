"""From numbers of clips to what a network takes. Letters: B clips, T frames, C channels, h x w pixels,
M moments of a clip, K behaviours, S species.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.formats.clips import apart
from pipeline.recognizers.preprocessing import Preprocessing
from pipeline.training.ahead import ahead
from pipeline.training.augment import AugmentationSettings, Framing, changed, framing, sample_times, shown
from pipeline.training.batches import CHANGE
from pipeline.training.labels import Labels
from pipeline.training.landmarks import MIRRORED
from pipeline.training.pixels import Pixels, middle
from pipeline.training.start import Start
from pipeline.types import BoolArray, Image, IntArray


@dataclass
class Samples:
    """Reads clips as a network is shown them, for training (changed) and for judging (as a recognizer sees them).

    ``truth`` [N, K] is what each clip shows; ``mirror`` [K] is what each behaviour is in a mirror: itself, or its twin
    on the other side. ``species`` [N, S] is which species it shows, a row of False where nobody knows. ``workers``
    processes prepare clips to be judged ahead; 0: each is prepared when it is asked for.
    """

    labels: Labels
    truth: BoolArray
    start: Start
    augmentation: AugmentationSettings
    mirror: IntArray
    seed: int
    workers: int = 0
    species: BoolArray | None = None  # None: nobody is to tell them
    _opened: tuple[int, Pixels] | None = field(init=False, repr=False, default=None)  # by which process, and what

    def training(self, round_: int, step: int, clips: IntArray, places: IntArray) -> Any:
        """Clips of a batch ``uint8 [B, T, h, w, C]``, the truth of their moments [B, M, K + S] and landmarks
        [B, T, P, 2] in shares.

        A function of the seed, the round, the step and the clips' ``places`` in the batch. Landmarks that nobody knows
        are NaN.
        """
        import torch

        made, marked, truth = [], [], []
        for index, k in zip(clips.tolist(), places.tolist(), strict=True):
            times, rng = self._drawn(index, round_, step, k)
            images, framed = self._changed(self._pixels().read(index, times), rng)
            made.append(images)
            marked.append(self._marked(index, times, framed))
            told = self._at_moments(index, times)
            truth.append(told[:, self._mirrored] if framed.mirrored else told)
        return torch.from_numpy(np.stack(made)), torch.from_numpy(np.array(truth, dtype=np.float32)), np.stack(marked)

    def _shown(self, index: Any) -> BoolArray:
        """What clips show [..., K + S]: behaviours, then species."""
        own = self.truth[index]
        return own if self.species is None else np.concatenate([own, self.species[index]], axis=-1)

    def _at_moments(self, index: int, times: FloatArray) -> BoolArray:
        """What a clip that is looked at at ``times`` [T] shows at each moment [M, K + S]; where nobody wrote that down,
        what is said of the whole clip.
        """
        moments, k = self.start.moments, len(self.start.behaviours)
        shown = np.tile(self._shown(index), (moments, 1))
        size = len(times) // moments
        words = self._pixels().behaviours(index, times[size // 2 :: size]) if moments > 1 else None
        if words is not None:
            shown[:, :k] = [[name in apart(word) for name in self.start.behaviours] for word in words]
        return shown

    @property
    def _mirrored(self) -> IntArray:
        """Which column of what is shown each is in a mirror [K + S]."""
        every = np.arange(self.start.outputs)
        return np.concatenate([self.mirror, every[len(self.mirror) :]])

    def _drawn(self, index: int, round_: int, step: int, place: int) -> tuple[FloatArray, np.random.Generator]:
        """When a clip is looked at [T], and what its other changes are drawn from."""
        rng = np.random.default_rng([self.seed, CHANGE, round_, step, place])
        return sample_times(self._pixels().times(index), self.start.clip, self.augmentation, rng), rng

    def _changed(self, images: Image, rng: np.random.Generator) -> tuple[Image, Framing]:
        """Frames of a clip ``[T, H, W, C]`` as training shows them ``[T, h, w, C]``, and how they are framed."""
        base = shown(images.shape[1], images.shape[2], self.start.preprocessing)
        framed = framing(len(images), base, self.augmentation, rng)
        return changed(images, framed, self.start.size, self.augmentation, rng), framed

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

        made = [self.views(index, 0)[0] for index in clips.tolist()]
        return torch.stack(made), torch.from_numpy(self._shown(clips).astype(np.float32))

    def views(self, index: int, others: int) -> Any:
        """A clip ``float [1 + others, T, C, h, w]``: as it is judged, then changed as in training; decoded once.

        What the others show depends on the clip and their number alone, whatever clips stand beside it.
        """
        import torch

        drawn = [self._drawn(index, view, 0, index) for view in range(1, 1 + others)]
        wanted = [self._middle(index), *(times for times, _ in drawn)]
        images = self._pixels().read(index, np.concatenate(wanted))
        seen = images.reshape(1 + others, -1, *images.shape[1:])  # [V, T, H, W, C]
        made = [self.start.preprocessing.apply(torch.from_numpy(np.ascontiguousarray(seen[:1])))]
        for images, (_, rng) in zip(seen[1:], drawn, strict=True):
            made.append(self.prepared.apply(torch.from_numpy(self._changed(images, rng)[0])[None]))
        return torch.cat(made)

    def _middle(self, index: int) -> FloatArray:
        """When a clip is looked at [T] where it is judged."""
        steps = self.start.clip.interval_s * np.arange(self.start.clip.frames, dtype=np.float64)
        return middle(self._pixels().times(index), self.start.clip.span_s) + steps

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
        import torch

        each = ahead(self._one, range(len(self.clips)), self.samples.workers)
        while some := list(islice(each, self.batch)):
            yield tuple(torch.cat(parts) for parts in zip(*some, strict=True))

    def _one(self, number: int) -> Any:
        return self.samples.judged(self.clips[number : number + 1])
