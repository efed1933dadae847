"""What the mana processes are told by their environment, as MANA_*."""

from __future__ import annotations

from pydantic_settings import SettingsConfigDict

from libs.chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """Settings of mana's app and worker."""

    model_config = SettingsConfigDict(env_prefix="MANA_", frozen=True, extra="ignore")
