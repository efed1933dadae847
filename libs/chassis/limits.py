"""Limits of what is read at all: body size, JSON depth, characters that no database stores."""

from __future__ import annotations

import re

from fastapi import Request
from fastapi.dependencies.models import Dependant
from pydantic import BaseModel

from libs.refusals import Invalid, Refusal

MAX_BODY_BYTES = 1 << 20
MAX_JSON_DEPTH = 32

# Possessive, and an open string reaches to the end: every byte of a body is looked at once.
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_NUL = re.compile(rb"\x00|(?<!\\)(?:\\\\)*+\\u0000")
_NOT_BRACKET = re.compile(rb"[^\[\]{}]+")


class BodyTooLarge(Refusal):
    """More was sent than the address takes: 1 MiB, unless it takes a file."""

    status = 413
    title = "The body is larger than this address takes."

    def __init__(self, most_bytes: int = MAX_BODY_BYTES) -> None:
        """Say how much it takes."""
        super().__init__(f"It takes {most_bytes / (1 << 20):g} MiB at the most.")


class UnknownParameter(Invalid):
    """A query parameter that this address does not have: refused, never ignored."""

    title = "This address does not have such a parameter."


class TooDeep(Invalid):
    """JSON nested deeper than 32 levels."""

    title = "The body is nested deeper than 32 levels."


class NullCharacter(Invalid):
    """A NUL character, which no text in the database may hold."""

    title = "The request holds a NUL character."


class BoundedRequest(Request):
    """A request whose body is read up to a size, and refused in our words beyond."""

    most_bytes: int = MAX_BODY_BYTES
    _whole: bytes | None = None

    async def body(self) -> bytes:
        """Return the body; raises BodyTooLarge before a larger one is held in memory."""
        if self._whole is None:
            told = self.headers.get("content-length", "")
            if told.isdecimal() and int(told) > self.most_bytes:
                raise BodyTooLarge(self.most_bytes)
            read = bytearray()
            async for chunk in self.stream():
                read += chunk
                if len(read) > self.most_bytes:
                    raise BodyTooLarge(self.most_bytes)
            self._whole = bytes(read)
        return self._whole


def query_names(dependant: Dependant) -> frozenset[str]:
    """Return the query parameters that a route declares, models opened into their fields."""
    names: set[str] = set()
    for field in dependant.query_params:
        annotation = field.field_info.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            fields = annotation.model_fields.items()
            names |= {info.alias or name for name, info in fields}
        else:
            names.add(field.alias)
    return frozenset(names.union(*map(query_names, dependant.dependencies)))


async def check_request(request: Request, known: frozenset[str], *, is_file: bool) -> None:
    """Refuse unknown parameters, NUL characters and bottomless JSON before anything is read.

    A file is read here too, so that too large a one is refused first; its content is not looked at.
    """
    for name in request.query_params:
        if name not in known:
            offered = ", ".join(sorted(known)) or "none"
            raise UnknownParameter(f"Known parameters: {offered}.", pointer=f"/query/{name}")
    if "\x00" in request.url.path or any("\x00" in v for v in request.query_params.values()):
        raise NullCharacter("Leave it out.")
    if request.method in ("POST", "PATCH", "PUT", "DELETE"):
        body = await request.body()
        if is_file:
            return
        if _NUL.search(body):
            raise NullCharacter("Leave it out.")
        if _depth(body) > MAX_JSON_DEPTH:
            raise TooDeep("Send a flatter body.")


def _depth(body: bytes) -> int:
    brackets = _NOT_BRACKET.sub(b"", _STRING.sub(b"", body))
    depth = deepest = 0
    for bracket in brackets:
        depth += 1 if bracket in b"[{" else -1
        deepest = max(deepest, depth)
        if deepest > MAX_JSON_DEPTH:
            break
    return deepest
