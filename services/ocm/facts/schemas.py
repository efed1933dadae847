"""What every announcement has that we listen to."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    model_validator,
)

Amount = Annotated[Decimal, Field(max_digits=18, decimal_places=2)]
Share = Annotated[Decimal, Field(max_digits=9, decimal_places=2)]


class Announced(BaseModel):
    """The fields of an event that are read here; the seal covers all that it carried."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    _seal: str = PrivateAttr("")

    @model_validator(mode="wrap")
    @classmethod
    def _sealed(cls, told: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        event = handler(told)
        plain = json.dumps(told, sort_keys=True, separators=(",", ":"), default=str)
        event._seal = hashlib.sha256(plain.encode()).hexdigest()  # noqa: SLF001 (of this class)
        return event

    @property
    def seal(self) -> str:
        """SHA-256 of the event's whole data, also of what is not read here."""
        return self._seal

    @property
    def year(self) -> int | None:
        """The fiscal year it belongs to; None when it belongs to several or to none."""
        found: int | None = getattr(self, "fiscal_year", None)
        return found

    @property
    def holds_since(self) -> datetime | None:
        """Since when it holds in the organization's business, when that is told apart."""
        return None
