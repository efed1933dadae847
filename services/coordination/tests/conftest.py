"""Coordination's tests run on the coordination application, with a register already heard."""

from collections.abc import Callable

import pytest

from libs.chassis.testing import Person, ServiceDatabase
from services.coordination.tests.factories import hear_register


@pytest.fixture
def service() -> str:
    return "coordination"


@pytest.fixture
async def people(person: Callable[..., Person], database: ServiceDatabase) -> Callable[..., Person]:
    """Give `person` on a database that has heard identity's register."""
    await hear_register(database)
    return person
