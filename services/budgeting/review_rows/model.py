"""What refuses decisions on some rows of a review."""

from __future__ import annotations

from libs.refusals import Invalid


class RowsRefused(Invalid):
    """Some rows cannot be decided like this; none was."""

    title = "Some rows cannot be decided like this; nothing was changed."
