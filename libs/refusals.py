"""The words for no: what a use case raises when it will not do what was asked."""

from __future__ import annotations

import re
from typing import ClassVar


class Refusal(Exception):
    """A rule said no. `title` is the sentence a person reads, `code` the word a program reads."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "The request was refused."

    def __init__(self, detail: str | None = None, *, pointer: str | None = None) -> None:
        """Take `detail`, the way out in this case, and `pointer`, the JSON pointer of the field."""
        super().__init__(detail or self.title)
        self.detail = detail
        self.pointer = pointer

    @classmethod
    def code(cls) -> str:
        """Return the stable name of this refusal: `ProposalNotDraft` is `proposal_not_draft`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


class NotFound(Refusal):
    """There is no such thing for this caller, whether or not it exists for another: 404."""

    status = 404
    title = "There is no such record for you."


class Conflict(Refusal):
    """The present state forbids it: 409."""

    status = 409
    title = "The state of the record does not allow this."


class Forbidden(Refusal):
    """The caller may not: 403."""

    status = 403
    title = "You may not do this."


class Invalid(Refusal):
    """What was sent is wrong: 422."""

    status = 422
    title = "What was sent is not valid."


class Stale(Conflict):
    """The record has changed since the caller read it: 412."""

    status = 412
    title = "The record has changed since you read it."
