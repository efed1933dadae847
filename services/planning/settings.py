"""What the planning processes are told by their environment, as PLANNING_*."""

from __future__ import annotations

from pydantic_settings import SettingsConfigDict

from libs.chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """Settings of planning's app and worker."""

    model_config = SettingsConfigDict(env_prefix="PLANNING_", frozen=True, extra="ignore")
