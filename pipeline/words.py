"""Words that go with numbers, the same in tables, messages, figures and pages."""


def plural(count: int, word: str, several: str = "") -> str:
    """``1 video``, ``3,000 videos``; ``several`` where the plural is not made with s."""
    return f"{count:,} {word}" if count == 1 else f"{count:,} {several or word + 's'}"
