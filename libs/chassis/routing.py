"""Routing: a request is compared with the routes of its own slice alone."""

from __future__ import annotations

import functools
import re

from fastapi import APIRouter
from starlette.routing import Match
from starlette.types import Scope


class SliceRouter(APIRouter):
    """A router that looks at its routes only for addresses of its own slice.

    A service has a hundred routes and more, and each would be tried for every request.
    """

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match a request that begins with the prefix as any router would; no other."""
        if not _beginning(self.prefix).match(scope["path"]):
            return Match.NONE, {}
        return super().matches(scope)


@functools.cache
def _beginning(prefix: str) -> re.Pattern[str]:
    return re.compile("[^/]+".join(map(re.escape, re.split(r"\{\w+\}", prefix))))
