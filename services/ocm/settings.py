"""What the ocm processes are told by their environment, as OCM_*."""

from __future__ import annotations

from pydantic_settings import SettingsConfigDict

from libs.chassis.settings import ServiceSettings


class Settings(ServiceSettings):
    """Settings of ocm's app, worker and rebuild; only the rebuild uses the migrator's login."""

    model_config = SettingsConfigDict(env_prefix="OCM_", frozen=True, extra="ignore")

    migration_database_url: str = ""
