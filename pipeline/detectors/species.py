"""From a network's classes to species: which are kept, and what they are called, by name."""

from collections.abc import Mapping, Sequence

from pipeline.errors import UsageError
from pipeline.formats.near import nearest


def vocabulary(
    names: Mapping[int, str], classes: Sequence[str], species: Mapping[str, str], model: str
) -> dict[int, str]:
    """Species of each output that is kept, from the ``names`` of a model's outputs.

    ``classes`` are the names to keep (none: all), ``species`` renames a class. Raises ``UsageError`` listing the names
    there are where one of them is unknown.
    """
    unknown = [name for name in dict.fromkeys([*classes, *species]) if name not in names.values()]
    if unknown:
        raise UsageError(_refusal(unknown, list(dict.fromkeys(names.values())), model))
    return {k: species.get(name, name) for k, name in names.items() if not classes or name in classes}


def _refusal(unknown: list[str], names: list[str], model: str) -> str:
    close = [near for name in unknown if (near := nearest(name, names))]
    hint = f"did you mean {', '.join(close)}? " if close else ""
    missing = ", ".join(repr(name) for name in unknown)
    there = ", ".join(names)
    return f"model {model} has no class {missing}; it has: {there}; {hint}detector.classes=[] keeps all of them"
