"""Progress: a bar with rate and time left on a terminal, plain lines elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TextIO


@dataclass(frozen=True)
class Meter:
    """Told by a stage how much there is to do, and how much of it is done."""

    expect: Callable[[int | None], None]
    advance: Callable[[int], None]


QUIET = Meter(expect=lambda total: None, advance=lambda n: None)


class Progress:
    """Shows how far a run is. ``stream`` decides the form: bars where it is a terminal."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr

    def say(self, line: str) -> None:
        """Print one line."""
        print(line, file=self._stream, flush=True)

    @contextmanager
    def stage(self, label: str, unit: str) -> Iterator[Meter]:
        """Show one stage, counted in ``unit``."""
        if not self._stream.isatty():
            self.say(label)
            yield QUIET
            return
        from tqdm import tqdm

        with tqdm(desc=label, unit=f" {unit}", file=self._stream, leave=False) as bar:

            def expect(total: int | None) -> None:
                bar.total = total
                bar.refresh()

            def advance(n: int) -> None:
                bar.update(n)

            yield Meter(expect, advance)


class Silent(Progress):
    """Shows nothing: for use from Python and in tests."""

    def say(self, line: str) -> None:
        """Print nothing."""

    @contextmanager
    def stage(self, label: str, unit: str) -> Iterator[Meter]:
        """Show nothing."""
        yield QUIET
