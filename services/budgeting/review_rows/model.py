"""What refuses decisions on some rows of a review."""

from __future__ import annotations

from collections.abc import Sequence

from libs.refusals import Invalid


class RowsRefused(Invalid):
    """Some rows cannot be decided like this; none was. Every wrong one is named."""

    title = "Some rows cannot be decided like this; nothing was changed."

    def __init__(self, faults: Sequence[tuple[str, str]], rows: int) -> None:
        """Take the pointer and the message of each fault, and how many rows were sent."""
        super().__init__(f"Correct {len(faults)} of {rows} rows.")
        self.faults = faults
