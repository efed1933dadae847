"""The page on which a person answers a device."""

from __future__ import annotations

from dataclasses import dataclass

from services.identity.pages.schemas import Page


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicePage(Page):
    """Which code the device shows; then who asks, and for which organization it may act."""

    template = "device.html"

    user_code: str = ""
    client_name: str = ""
    organizations: tuple[tuple[str, str], ...] = ()
