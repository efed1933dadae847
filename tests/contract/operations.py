"""Every operation of a service, as its OpenAPI document tells it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.contract.samples import Document, body_of

WRITES = ("post", "patch", "put", "delete")
TENANT_PATH = "/api/v1/moa/{org_code}/"


@dataclass(frozen=True)
class Operation:
    """One method at one path, and how to call it."""

    method: str
    path: str
    described: dict[str, Any]
    document: Document

    @property
    def name(self) -> str:
        """The operationId."""
        return str(self.described["operationId"])

    @property
    def is_tenant(self) -> bool:
        """Whether its path names an organization."""
        return self.path.startswith(TENANT_PATH)

    @property
    def writes(self) -> bool:
        """Whether it may change anything."""
        return self.method in WRITES

    @property
    def ids(self) -> list[str]:
        """The path parameters besides the organization."""
        return [name for name in re.findall(r"{(\w+)}", self.path) if name != "org_code"]

    def request(self, org_code: str, ids: dict[str, str]) -> dict[str, Any]:
        """Return the arguments of an HTTP client's `request` for a well-formed call."""
        body = body_of(self.document, self.described)
        headers = {"If-Match": '"1"'} if self.writes else {}
        sent: dict[str, Any] = {} if body is None else {"json": body}
        if file_type := self.file_type:
            headers["Content-Type"] = file_type
            sent = {"content": b""}
        url = self.path.format(org_code=org_code, **ids)
        return {"method": self.method.upper(), "url": url, "headers": headers, **sent}

    @property
    def file_type(self) -> str:
        """The media type of the file that it takes instead of JSON, if it takes one."""
        content = self.described.get("requestBody", {}).get("content", {})
        return next((kind for kind in content if kind != "application/json"), "")


def operations(document: Document) -> Iterator[Operation]:
    """Yield all operations of a document."""
    for path, methods in document["paths"].items():
        for method, described in methods.items():
            if method in (*WRITES, "get"):
                yield Operation(method, path, described, document)
