"""The shape of a sector over HTTP; funding sources are the catalogue's words."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

Sector = Annotated[
    str,
    StringConstraints(pattern=r"^[a-z][a-z_]{1,39}$"),
    Field(description="A word of the issuer's list of sectors.", examples=["social"]),
]
