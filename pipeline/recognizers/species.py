"""A recognizer's second head: which species a window shows, from the features that its behaviours are told from.

In a loaded network it is a layer called ``species``, so that it moves, learns and is kept with all others; at rest it
is a file of its own beside the network's, which stays as its library wrote it and reads it.

Letters: B windows, D width, K behaviours, S species.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pipeline import model_folder
from pipeline.errors import ModelError
from pipeline.model_folder import SPECIES_HEAD
from pipeline.recognizers.card import Card
from pipeline.recognizers.folder import HEADS

LAYER = "species"


def check_species(name: str, folder: Path, card: Card) -> None:
    """Hold the folder's species head against the card, from its header alone; ``ModelError`` where it is another."""
    if not card.species:
        return
    path = folder / SPECIES_HEAD
    if not path.is_file():
        raise ModelError(f"model {name}: its card names {len(card.species)} species, and {SPECIES_HEAD} is missing")
    told = model_folder.shapes(path)
    if sorted(told) != ["bias", "weight"] or {shape[0] for shape in told.values()} != {len(card.species)}:
        raise ModelError(
            f"model {name}: {SPECIES_HEAD} has {', '.join(f'{k} {list(v)}' for k, v in sorted(told.items()))}, "
            f"its card names {len(card.species)} species"
        )


def attach(network: Any, folder: Path, card: Card) -> Any:
    """The network with the folder's species head as a layer, where its card names species.

    ``ModelError`` where that head is of a network of another width.
    """
    if not card.species:
        return network
    from safetensors.torch import load_file

    state = load_file(folder / SPECIES_HEAD)
    width = head_of(network).weight.shape[1]
    if state["weight"].shape[1] != width:
        raise ModelError(
            f"{folder}: {SPECIES_HEAD} is for {state['weight'].shape[1]} features, the network has {width}"
        )
    network.add_module(LAYER, linear(width, len(card.species)))
    network.get_submodule(LAYER).load_state_dict(state)
    return network


def linear(width: int, species: int) -> Any:
    """A head without weights of its own yet: D numbers to S logits."""
    import torch

    return torch.nn.utils.skip_init(torch.nn.Linear, width, species)


def head_of(network: Any) -> Any:
    """The layer that tells behaviours: the last one with weights that is called as heads are."""
    named = [layer for name, layer in network.named_modules() if name.split(".")[0] in HEADS]
    return [layer for layer in named if getattr(layer, "weight", None) is not None][-1]


@contextmanager
def pooled(head: Any) -> Iterator[Callable[[], Any]]:
    """Listen to what a head is given: what comes gives it ``[B, D]``, once the network was asked inside the block.

    A head that is asked at every place of a clip is given the mean over these.
    """
    seen: list[Any] = []
    hook = head.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    try:
        yield lambda: seen[-1].flatten(2).mean(2) if seen[-1].ndim > 2 else seen[-1]
    finally:
        hook.remove()


def asked(network: Any, head: Any, ask: Callable[[], Any]) -> Any:
    """Logits ``[B, K + S]``: what ``ask`` gets from the network, and after it what its species head says.

    A network without one gives what ``ask`` gives, unchanged.
    """
    layer = getattr(network, LAYER, None)
    if layer is None:
        return ask()
    import torch

    with pooled(head) as features:
        logits = ask()
    return torch.cat([logits, layer(features())], dim=1)
