"""What import contracts cannot say: where files lie, how long they are, what must be told."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from deploy.local.provision import SERVICES
from tests.architecture.sources import Function, modules, parsed
from tests.contexts import PRESENT, ROOT, slices

FORBIDDEN = re.compile("utils|helpers|common|misc|base|manager|services?|constants|types")
AT_A_ROOT = {"__init__", "app", "worker", "settings", "db"}
COMMANDS = {
    "budgeting": {"prove", "check_report", "load_catalogue"},
    "identity": {"seed", "rotate_keys", "export_trail", "onboard"},
    "planning": {"import_ppas"},
    "ocm": {"rebuild"},
}
SHARED_BY_ROUTES = {"identity": {"web"}}  # ADR 0015
NO_SLICES = {
    "identity": {"data", "static", "templates", "translations"},
    "budgeting": {"data"},
}
BESIDE_SLICES = {"migrations", "tests", "__pycache__"}
BUSINESS = [service for service in PRESENT if service != "identity"]
"""Identity's nouns are the words of access itself (user, session, token): libs speak them too."""

Definition = Function | ast.ClassDef


def is_public(node: Definition) -> bool:
    return not node.name.startswith("_")


def is_table(node: Definition) -> bool:
    targets = (item.targets for item in node.body if isinstance(item, ast.Assign))
    return any(
        isinstance(t, ast.Name) and t.id == "__tablename__" for some in targets for t in some
    )


def untold(paths: list[Path], must: Callable[[Definition], bool]) -> list[str]:
    """Return the definitions that `must` have a docstring and have none."""
    return [
        f"{path}:{node.lineno} {node.name}"
        for path in paths
        for node in parsed(path).body
        if isinstance(node, Definition) and must(node) and not ast.get_docstring(node)
    ]


def test_the_six_contexts_are_here() -> None:
    assert list(SERVICES) == PRESENT


def test_a_service_has_only_the_files_that_one_expects() -> None:
    strangers = [
        str(path)
        for path in modules()
        if path.parts[0] == "services" and len(path.parts) == 3
        if path.stem
        not in AT_A_ROOT.union(
            *(more.get(path.parts[1], ()) for more in (COMMANDS, SHARED_BY_ROUTES))
        )
    ]
    assert strangers == []


def test_a_folder_of_a_service_is_a_slice_or_known() -> None:
    strangers = [
        str(folder.relative_to(ROOT))
        for service in PRESENT
        for folder in (ROOT / "services" / service).iterdir()
        if folder.is_dir()
        if folder.name not in {*slices(service), *BESIDE_SLICES, *NO_SLICES.get(service, ())}
    ]
    assert strangers == []


def test_tests_and_migrations_stay_out_of_the_import_graph() -> None:
    folders = ("tests", "migrations")
    made = [p for name in folders for p in ROOT.glob(f"services/*/{name}/**/__init__.py")]
    assert made == []


def test_no_name_is_a_drawer_for_anything() -> None:
    named = {(path, name) for path in modules() for name in (path.stem, *path.parts[1:-1])}
    assert [str(path) for path, name in named if FORBIDDEN.fullmatch(name)] == []


def test_every_package_says_what_it_is() -> None:
    packages = [path for path in modules() if path.name == "__init__.py"]
    assert [str(path) for path in packages if not ast.get_docstring(parsed(path))] == []


def test_tables_events_and_use_cases_say_what_they_are() -> None:
    ours = [path for path in modules() if path.parts[0] == "services" and "tests" not in path.parts]
    models, events, usecases = (
        [path for path in ours if path.stem == stem] for stem in ("model", "events", "usecases")
    )
    assert untold(models, lambda node: isinstance(node, ast.ClassDef) and is_table(node)) == []
    assert untold(events, lambda node: isinstance(node, ast.ClassDef) and is_public(node)) == []
    assert untold(usecases, lambda node: isinstance(node, Function) and is_public(node)) == []


def test_every_public_name_of_libs_says_what_it_is() -> None:
    libs = [path for path in modules() if path.parts[0] == "libs" and "tests" not in path.parts]
    assert untold(libs, is_public) == []
    assert [str(path) for path in libs if not ast.get_docstring(parsed(path))] == []


def test_libs_know_no_business() -> None:
    nouns = {noun.removeprefix("known_") for service in BUSINESS for noun in slices(service)}
    words = [form for noun in nouns for form in (noun, noun.removesuffix("s"))]
    business = re.compile(rf"(?<![a-z])({'|'.join(sorted(words))})(?![a-z])")
    spelt = [
        f"{path} {name}"
        for path in modules()
        if path.parts[0] == "libs" and "tests" not in path.parts
        for node in ast.walk(parsed(path))
        for name in (getattr(node, field, None) for field in ("id", "attr", "arg", "name", "value"))
        if isinstance(name, str) and " " not in name and business.search(name.lower())
    ]
    assert spelt == []


EVERY_KEY = """
from importlib import import_module
from sqlalchemy.orm import configure_mappers
for name in {names!r}:
    import_module(f"services.{{name}}.worker")
    tables = import_module(f"services.{{name}}.db").Base.metadata.tables.values()
    assert all(key.column is not None for table in tables for key in table.foreign_keys)
configure_mappers()
"""


def test_a_worker_alone_knows_every_table_that_a_key_of_it_leads_to() -> None:
    told = EVERY_KEY.format(names=PRESENT)
    ran = subprocess.run(
        [sys.executable, "-c", told], cwd=ROOT, check=False, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stderr
