"""A network before training, whatever its family: what it must be shown, its layers, and the head that is new.

Letters: B clips, T frames, C channels, h x w pixels, D width, M moments, K behaviours, S species.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pipeline.boxes import FloatArray
from pipeline.recognizers.card import Clip
from pipeline.recognizers.moments import VIDEOMAE, by_moments
from pipeline.recognizers.preprocessing import Preprocessing
from pipeline.recognizers.species import LAYER, asked, linear, pooled
from pipeline.training.known import Known


@dataclass(frozen=True)
class _Anatomy:
    """Where the parts of a network are: its linear head, the lists of its layers, what stands between."""

    head: str
    layers: tuple[str, ...]
    after: tuple[str, ...] = ()


_RESIDUAL = _Anatomy("fc", ("layer1", "layer2", "layer3", "layer4"))
_FAMILIES = {
    VIDEOMAE: _Anatomy("classifier", ("videomae.encoder.layer",), ("fc_norm",)),
    "timesformer": _Anatomy("classifier", ("timesformer.encoder.layer",), ("timesformer.layernorm",)),
    "vivit": _Anatomy("classifier", ("vivit.layers",), ("vivit.layernorm",)),
    "vjepa2": _Anatomy("classifier", ("vjepa2.encoder.layer",), ("vjepa2.encoder.layernorm", "pooler")),
    "mvit": _Anatomy("head.1", ("blocks",), ("norm",)),
    "swin3d": _Anatomy("head", ("features",), ("norm",)),
    "s3d": _Anatomy("classifier.1", ("features",)),
    "r3d": _RESIDUAL,
    "mc3": _RESIDUAL,
    "r2plus1d": _RESIDUAL,
}
FAMILIES = tuple(_FAMILIES)
_SPREAD = 0.02  # of a new row of a head, as the networks' own


@dataclass(frozen=True)
class Start:
    """A network of one of ``FAMILIES``, whose head tells ``behaviours``, and a second one ``species``, if any.

    ``source`` is the model it goes on from, or empty; ``architecture`` is torchvision's name of it, empty where it is a
    Hugging Face network; ``close`` is that of the card it goes on from; ``exclusive``: exactly one behaviour is true of
    a clip; ``known`` is where the behaviours lie among the features, None where nobody says; ``moments`` is how often
    it answers for a clip (``recognizers/moments.py``).
    """

    model: Any
    family: str
    clip: Clip
    preprocessing: Preprocessing
    size: tuple[int, int]  # h, w of what the network sees
    behaviours: tuple[str, ...]
    source: str = ""
    architecture: str = ""
    close: bool = False
    exclusive: bool = True
    species: tuple[str, ...] = ()
    known: Known | None = None
    moments: int = 1

    def logits(self, model: Any, clips: Any) -> Any:
        """Logits [B, K] of a network of this kind for ``float [B, T, C, h, w]``."""
        return self._of_clips(self._told(model, clips))

    def answers(self, model: Any, clips: Any) -> Any:
        """Logits [B, K + S]: of the behaviours, then of the species."""
        head = model.get_submodule(self.head_name)
        return self._of_clips(asked(model, head, lambda: self._told(model, clips)))

    def features(self, clips: Any) -> Any:
        """What the head is given ``[B, D]`` for ``float [B, T, C, h, w]``."""
        with pooled(self.head) as given:
            self._told(self.model, clips)
        return self._of_clips(given())

    def _told(self, model: Any, clips: Any) -> Any:
        """Logits [B M, K]."""
        if self.architecture:
            return model(clips.transpose(1, 2))  # torchvision's take [B, C, T, h, w]
        if self.moments > 1:
            return by_moments(model, clips, self.moments)
        return model(**{model.main_input_name: clips}).logits

    def _of_clips(self, values: Any) -> Any:
        """Of numbers for each moment [B M, ...] those of a clip [B, ...]: the mean over its middle half, as a clip is
        named after what it shows there.
        """
        quarter = self.moments // 4
        return values.reshape(-1, self.moments, *values.shape[1:])[:, quarter : self.moments - quarter].mean(1)

    @property
    def head_name(self) -> str:
        """Where the last layer is in the network."""
        return _FAMILIES[self.family].head

    @property
    def head(self) -> Any:
        """The last layer: linear, from D to K."""
        return self.model.get_submodule(self.head_name)

    @property
    def species_head(self) -> Any:
        """The layer that tells species: linear, from D to S."""
        return self.model.get_submodule(LAYER)

    @property
    def heads(self) -> list[Any]:
        """The layers whose ``answers`` are given: the head, and that of species where there is one."""
        return [self.head, *([self.species_head] if self.species else [])]

    @property
    def outputs(self) -> int:
        """How many logits a clip is given: K + S."""
        return len(self.behaviours) + len(self.species)

    def for_behaviours(self, behaviours: Sequence[str], seed: int) -> "Start":
        """The same with a head for other behaviours: those that it knows keep their rows, new ones begin at random."""
        if tuple(behaviours) == self.behaviours:
            return self
        import torch

        weight, bias = self.head_values()
        fresh, offset = _rows(behaviours, self.behaviours, weight, bias, np.random.default_rng([seed, 0x4EAD]))
        path, _, last = self.head_name.rpartition(".")
        made: Any = (
            torch.nn.Linear(weight.shape[1], len(behaviours))
            if self.head.weight.ndim == 2
            else torch.nn.Conv3d(weight.shape[1], len(behaviours), kernel_size=1)
        )
        setattr(self.model.get_submodule(path), last, made)
        set_values(self.head, fresh, offset)
        if not self.architecture:
            self.model.config.id2label = dict(enumerate(behaviours))
            self.model.config.label2id = {name: k for k, name in enumerate(behaviours)}
            self.model.num_labels = len(behaviours)
        known = self.known.among(self.behaviours, behaviours) if self.known else None
        return replace(self, behaviours=tuple(behaviours), known=known)

    def for_species(self, species: Sequence[str], seed: int) -> "Start":
        """The same with a head for these species, or with none: those that it knows keep their rows."""
        if tuple(species) == self.species:
            return self
        width = self.head_values()[0].shape[1]
        weight, bias = values(self.species_head) if self.species else (np.zeros((0, width)), np.zeros(0))
        if self.species:
            delattr(self.model, LAYER)
        if species:
            self.model.add_module(LAYER, linear(width, len(species)))
            made = _rows(species, self.species, weight, bias, np.random.default_rng([seed, 0x5EC1]))
            set_values(self.species_head, *made)
        return replace(self, species=tuple(species))

    def head_values(self) -> tuple[FloatArray, FloatArray]:
        """The head's weight ``[K, D]`` and bias ``[K]``."""
        return values(self.head)

    def thawed(self, layers: int | None) -> Any:
        """The network with all weights free to change, or those of the last ``layers`` and the head only."""
        if layers is None:
            return self.model.requires_grad_(True)
        self.model.requires_grad_(False)
        anatomy = _FAMILIES[self.family]
        stack = [layer for name in anatomy.layers for layer in self.model.get_submodule(name).children()]
        after = [
            self.model.get_submodule(name) for name in anatomy.after if getattr(self.model, name, True) is not None
        ]
        for part in (*self.heads, *after, *stack[max(len(stack) - layers, 0) :]):
            part.requires_grad_(True)
        return self.model

    @property
    def grid(self) -> tuple[int, int, int]:
        """Tubelets in time, rows and columns of a VideoMAE's patches."""
        config = self.model.config
        return (
            config.num_frames // config.tubelet_size,
            self.size[0] // config.patch_size,
            self.size[1] // config.patch_size,
        )


def values(layer: Any) -> tuple[FloatArray, FloatArray]:
    """A linear layer's weight ``[outputs, D]`` and bias ``[outputs]``."""
    weight, bias = (value.detach().double().cpu().numpy() for value in (layer.weight, layer.bias))
    return weight.reshape(len(bias), -1), bias


def set_values(layer: Any, weight: FloatArray, bias: FloatArray) -> None:
    """Give a linear layer its weight ``[outputs, D]`` and its bias ``[outputs]``."""
    import torch

    with torch.no_grad():
        layer.weight.copy_(torch.from_numpy(weight).reshape(layer.weight.shape))
        layer.bias.copy_(torch.from_numpy(bias))


def scale(layer: Any, slope: FloatArray, offset: FloatArray) -> None:
    """Make of every logit ``slope * logit + offset`` [K]: a linear layer is changed, and rounded to half precision."""
    weight, bias = values(layer)
    scaled = weight * slope[:, None], bias * slope + offset
    set_values(layer, *(value.astype(np.float16).astype(np.float64) for value in scaled))


def _rows(
    names: Sequence[str], known: Sequence[str], weight: FloatArray, bias: FloatArray, rng: np.random.Generator
) -> tuple[FloatArray, FloatArray]:
    """Weight and bias of a head for ``names``: the rows of those that are ``known``, random ones for the others."""
    rows = {name: k for k, name in enumerate(known)}
    fresh, offset = rng.normal(0, _SPREAD, (len(names), weight.shape[1])), np.zeros(len(names))
    for k, name in enumerate(names):
        if name in rows:
            fresh[k], offset[k] = weight[rows[name]], bias[rows[name]]
    return fresh, offset


def halved(model: Any) -> Any:
    """The network as it will be read back: every number rounded to half precision. What is judged is what is saved."""
    import torch

    with torch.no_grad():
        for value in model.state_dict().values():
            if value.is_floating_point():
                value.copy_(value.half().float())
    return model
