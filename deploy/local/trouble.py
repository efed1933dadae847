"""The one way in which the stack says no: a line that names the obstacle and the way out."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

EX_CONFIG = 78
"""`sysexits.h`: the settings are wrong; starting again without changing them is useless."""

# As a shell tells of a program that Ctrl-C ended: 128 + SIGINT.
INTERRUPTED = 130


class CannotStart(Exception):
    """The stack cannot run; the message is one line that says why and what to do."""

    def __init__(self, message: str, *, exit_code: int = 1) -> None:
        """Keep the line for the person and the code for the shell."""
        super().__init__(message)
        self.exit_code = exit_code


@contextmanager
def told_in_one_line() -> Iterator[None]:
    """End the program on trouble: the line on standard error, and its exit code."""
    try:
        yield
    except CannotStart as trouble:
        print(f"bmms: {trouble}", file=sys.stderr)
        raise SystemExit(trouble.exit_code) from None
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
