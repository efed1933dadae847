"""Files over HTTP: a body that is one whole file, and an answer that is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from fastapi import Depends, Request, Response
from fastapi.dependencies.models import Dependant

from libs.refusals import Refusal

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class OtherMediaType(Refusal):
    """The body is declared as something else than the file that is expected."""

    status = 415
    title = "Send the file itself as the body, with its own Content-Type."


@dataclass(frozen=True, slots=True)
class TakenFile:
    """What a route takes instead of JSON: a file of one of these media types, up to a size."""

    media_types: tuple[str, ...]
    most_bytes: int


def takes_file(*media_types: str, most_bytes: int) -> Any:
    """Return the dependency that gives an endpoint the file in the body, as bytes.

    The route class reads up to `most_bytes` (413 beyond), and looks for no JSON in it.
    """

    async def read(request: Request) -> bytes:
        told = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if told not in media_types:
            expected = " or ".join(media_types)
            raise OtherMediaType(f"Content-Type: {expected}", pointer="/header/content-type")
        return await request.body()

    read.__dict__["takes_file"] = TakenFile(media_types, most_bytes)
    return Depends(read)


def file_taken_by(dependant: Dependant) -> TakenFile | None:
    """Return what the route of this dependant takes as a file, if it takes one."""
    for each in dependant.dependencies:
        taken: TakenFile | None = getattr(each.call, "takes_file", None)
        if taken is not None:
            return taken
    return None


def file_answer(content: bytes, *, media_type: str, name: str) -> Response:
    """Return a download: named for saving (RFC 6266), never shown or guessed at in the page."""
    return Response(
        content,
        media_type=media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )


def files(media_type: str, *, summary: str = "The file.") -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a route that answers with a file."""
    schema = {"type": "string", "format": "binary"}
    return {200: {"description": summary, "content": {media_type: {"schema": schema}}}}
