import json
from pathlib import Path

import pytest

from deploy.gateway.openapi import merge, write_merged_document


def _document(path: str, **schemas: object) -> dict[str, object]:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
    operation = {"responses": {"200": {"description": "", "content": content}}, "tags": ["inner"]}
    return {
        "info": {"title": "", "version": "1", "description": "What it owns."},
        "paths": {path: {"get": operation, "parameters": []}},
        "components": {"schemas": schemas},
    }


def test_operations_are_grouped_by_service() -> None:
    merged = merge({"mana": _document("/a", Thing={}), "ocm": _document("/b", Thing={})})
    assert [merged["paths"][path]["get"]["tags"] for path in ("/a", "/b")] == [["mana"], ["ocm"]]
    assert merged["tags"] == [
        {"name": "mana", "description": "What it owns."},
        {"name": "ocm", "description": "What it owns."},
    ]


def test_equal_components_are_shared() -> None:
    thing = {"type": "object"}
    merged = merge({"mana": _document("/a", Thing=thing), "ocm": _document("/b", Thing=thing)})
    assert merged["components"]["schemas"] == {"Thing": thing}


def test_a_different_component_gets_its_services_name_and_so_do_those_that_refer_to_it() -> None:
    own, other = {"type": "object"}, {"type": "string"}
    page = {"items": {"$ref": "#/components/schemas/Thing"}}
    merged = merge(
        {
            "mana": _document("/a", Thing=own, Page=page),
            "ocm": _document("/b", Thing=other, Page=page),
        }
    )
    assert merged["components"]["schemas"] == {
        "Thing": own,
        "Page": page,
        "ocm_Thing": other,
        "ocm_Page": {"items": {"$ref": "#/components/schemas/ocm_Thing"}},
    }
    answer = merged["paths"]["/b"]["get"]["responses"]["200"]
    schema = answer["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/ocm_Thing"}


def test_one_path_has_one_service() -> None:
    with pytest.raises(ValueError, match="ocm promises /a"):
        merge({"mana": _document("/a"), "ocm": _document("/a")})


def test_the_document_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    contracts = tmp_path / "contracts"
    contracts.mkdir()
    (contracts / "mana.json").write_text(json.dumps(_document("/a", Thing={})))
    written = write_merged_document(contracts, tmp_path)
    assert json.loads(written.read_text())["paths"].keys() == {"/a"}
    (contracts / "ocm.json").write_text("{")
    with pytest.raises(ValueError, match="Expecting"):
        write_merged_document(contracts, tmp_path)
    assert json.loads(written.read_text())["paths"].keys() == {"/a"}
