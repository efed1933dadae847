"""The built applications say exactly what `contracts/openapi` promises."""

from __future__ import annotations

import json

import pytest

from deploy.local.provision import SERVICES
from tests.contexts import PRESENT
from tests.contract.goldens import read
from tests.contract.promises import OPENAPI, openapi_of


@pytest.mark.parametrize("service", PRESENT)
def test_the_application_is_what_is_promised(service: str) -> None:
    built = json.loads(json.dumps(openapi_of(service)))
    assert built == read(OPENAPI / f"{service}.json"), "on purpose? then `make contracts`"


def test_there_is_one_promise_for_each_service() -> None:
    assert sorted(path.stem for path in OPENAPI.glob("*.json")) == sorted(SERVICES)
