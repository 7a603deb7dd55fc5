"""Words that go with numbers and names, the same in tables, messages, figures and pages."""

from collections.abc import Mapping


def plural(count: int, word: str, several: str = "") -> str:
    """``1 video``, ``3,000 videos``; ``several`` where the plural is not made with s."""
    return f"{count:,} {word}" if count == 1 else f"{count:,} {several or word + 's'}"


def defined(definitions: Mapping[str, str]) -> str:
    """``Graze: head at the ground; Head Up: stands with the head raised``; empty where nothing is defined."""
    return "; ".join(f"{name}: {meaning}" for name, meaning in definitions.items())
