"""The pages on which a person answers a device, and what their form sends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from services.identity.pages.schemas import Page


class DeviceForm(BaseModel):
    """The fields of the form: the code, and with the second page the decision."""

    user_code: Annotated[str, Field(max_length=30)] = ""
    csrf_token: Annotated[str, Field(max_length=100)] = ""
    decision: Literal["", "allow", "deny"] = ""
    organization: Annotated[str, Field(max_length=20)] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicePage(Page):
    """Which code the device shows; then who asks, and for which organization it may act."""

    template = "device.html"

    csrf_token: str
    user_code: str = ""
    problem: str = ""
    client_name: str = ""
    full_name: str = ""
    organizations: tuple[tuple[str, str], ...] = ()
