"""What a network that stays as it is makes of every clip: computed once, kept, and learnt from in seconds.

Letters: N clips, V views of each, D width.
"""

from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.artifacts import whole
from pipeline.boxes import FloatArray
from pipeline.chain.progress import Progress
from pipeline.recognizers.species import LAYER
from pipeline.report.words import plural
from pipeline.training.ahead import ahead
from pipeline.training.samples import Samples
from pipeline.types import IntArray

_BATCH = 16  # clips at once


@dataclass(frozen=True)
class Views:
    """The clips of ``samples`` that are wanted: their middle as a recognizer sees it, and ``changed`` other views."""

    samples: Samples
    clips: IntArray
    changed: int

    @property
    def digest(self) -> str:
        """The same for the same network, clips, pixels and changes: SHA-256."""
        start, samples = self.samples.start, self.samples
        told = [start.clip, start.moments, start.preprocessing, start.family]
        told += [samples.labels.digest, self.clips.tolist()]
        told += [self.changed, *((samples.augmentation, samples.seed) if self.changed else ())]
        digest = sha256(repr(told).encode())
        for name, value in start.model.state_dict().items():
            if not name.startswith((f"{start.head_name}.", f"{LAYER}.")):
                digest.update(name.encode() + value.detach().cpu().numpy().tobytes())
        return digest.hexdigest()

    def of(self, number: int) -> Any:
        """Those of one clip: ``Samples.views``."""
        return self.samples.views(int(self.clips[number]), self.changed)


def features(views: Views, folder: Path, device: str, progress: Progress) -> FloatArray:
    """Features ``float64 [N, 1 + V, D]``, the unchanged view first; read from ``folder`` where they are kept there."""
    kept = folder / f"features-{views.digest[:16]}.npy"
    if kept.is_file():
        progress.say(f"features of {plural(len(views.clips), 'clip')} that were looked at before: {kept}")
        return np.asarray(np.load(kept, allow_pickle=False), dtype=np.float64)
    made = _computed(views, device, progress)
    folder.mkdir(parents=True, exist_ok=True)
    with whole(kept) as part, part.open("wb") as file:
        np.save(file, made.astype(np.float32))
    progress.say(f"features of {plural(len(views.clips), 'clip')} are kept in {kept}")
    return made.astype(np.float32).astype(np.float64)


def _computed(views: Views, device: str, progress: Progress) -> FloatArray:
    import torch

    start = views.samples.start
    start.model.to(device).eval()
    label = f"looking at {len(views.clips)} clips" + (f", {1 + views.changed} times each" if views.changed else "")
    made = []
    with progress.stage(label, "clips") as meter, torch.inference_mode():
        meter.expect(len(views.clips))
        each = ahead(views.of, range(len(views.clips)), views.samples.workers)
        while some := list(islice(each, _BATCH)):
            seen = [start.features(torch.stack(view).to(device)) for view in zip(*some, strict=True)]
            made.append(torch.stack(seen, dim=1).double().cpu().numpy())
            meter.advance(len(some))
    start.model.cpu()
    return np.concatenate(made)
