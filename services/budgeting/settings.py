"""What the budgeting processes are told by their environment, as BUDGETING_*."""

from __future__ import annotations

from pydantic_settings import SettingsConfigDict

from libs.chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """Settings of budgeting's app and worker."""

    model_config = SettingsConfigDict(env_prefix="BUDGETING_", frozen=True, extra="ignore")
