"""What the coordination processes are told by their environment, as COORDINATION_*."""

from __future__ import annotations

from pydantic_settings import SettingsConfigDict

from libs.chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """Settings of coordination's app and worker."""

    model_config = SettingsConfigDict(env_prefix="COORDINATION_", frozen=True, extra="ignore")
