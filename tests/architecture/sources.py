"""Our own modules, as paths and as syntax trees; nothing is imported to look at it."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

from tests.contexts import ROOT

CODE = ("services", "libs", "deploy", "tests")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def modules() -> tuple[Path, ...]:
    """Return every module of ours, as a path in the repository; migrations are generated."""
    found = (path for top in CODE for path in (ROOT / top).rglob("*.py"))
    return tuple(path.relative_to(ROOT) for path in found if "migrations" not in path.parts)


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse((ROOT / path).read_text(), str(path))
