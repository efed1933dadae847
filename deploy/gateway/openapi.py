"""The merged OpenAPI document: what six services promise, in one file for people and tools."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

Document = dict[str, Any]

REFERENCE = re.compile(r"#/components/(?P<kind>\w+)/(?P<name>[^/\"]+)")


def write_merged_document(contracts: Path, folder: Path) -> Path:
    """Merge the promised descriptions (`contracts/openapi/*.json`) into `folder/openapi.json`."""
    documents = {
        path.stem: json.loads(path.read_text(encoding="utf-8"))
        for path in sorted(contracts.glob("*.json"))
    }
    target = folder / "openapi.json"
    partial = target.with_suffix(".partial")
    partial.write_text(json.dumps(merge(documents), indent=1) + "\n", encoding="utf-8")
    partial.replace(target)
    return target


def merge(documents: dict[str, Document]) -> Document:
    """Merge the documents of several services; equal components are shared, others renamed."""
    merged: Document = {
        "openapi": "3.1.0",
        "info": {
            "title": "BMMS",
            "version": "1",
            "description": "All services of the Bangsamoro Ministerial Management System.",
        },
        "tags": [],
        "paths": {},
        "components": {},
    }
    for service, document in documents.items():
        renamed = _rename(service, document, merged["components"])
        for kind, components in renamed.get("components", {}).items():
            merged["components"].setdefault(kind, {}).update(components)
        for path, item in renamed.get("paths", {}).items():
            if path in merged["paths"]:
                raise ValueError(f"{service} promises {path}, which another service promises too")
            merged["paths"][path] = _tagged(service, item)
        about = document.get("info", {})
        merged["tags"].append({"name": service, "description": about.get("description", "")})
    return merged


def _rename(service: str, document: Document, taken: Document) -> Document:
    """Give a component another name where a different one has it already: `planning_Page`."""
    components: dict[str, Document] = document.get("components", {})
    clashes = {
        (kind, name)
        for kind, named in components.items()
        for name, component in named.items()
        if taken.get(kind, {}).get(name, component) != component
    }
    # A component that refers to a renamed one is a different one itself.
    while True:
        dependent = {
            (kind, name)
            for kind, named in components.items()
            for name, component in named.items()
            if (kind, name) not in clashes and _references(component) & clashes
        }
        if not dependent:
            break
        clashes |= dependent

    def new_name(kind: str, name: str) -> str:
        return f"{service}_{name}" if (kind, name) in clashes else name

    text = REFERENCE.sub(
        lambda found: f"#/components/{found['kind']}/{new_name(found['kind'], found['name'])}",
        json.dumps(document),
    )
    renamed: Document = json.loads(text)
    renamed["components"] = {
        kind: {new_name(kind, name): component for name, component in named.items()}
        for kind, named in renamed.get("components", {}).items()
    }
    return renamed


def _references(component: object) -> set[tuple[str, str]]:
    found = REFERENCE.finditer(json.dumps(component))
    return {(reference["kind"], reference["name"]) for reference in found}


def _tagged(service: str, item: Document) -> Document:
    """Group every operation under its service, whatever tags it had inside."""
    return {
        method: {**operation, "tags": [service]} if isinstance(operation, dict) else operation
        for method, operation in item.items()
    }


if __name__ == "__main__":
    write_merged_document(Path(sys.argv[1]), Path(sys.argv[2]))
