"""ServiceSettings: what every service process is told by its environment."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AliasChoices, Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class ServiceSettings(BaseSettings):
    """Frozen settings of one process; a service adds its prefix (`PLANNING_`) and its own.

    `issuer` is the public base URL; `worker_database_url` and `relay_database_url` are the
    logins of the worker process and may be empty for an app process. `feed_url` is the app's own
    login at the bus, with which it hears of revocations; after `silence_seconds` without a word it
    refuses to write. `requests_per_hour` is what one account may ask of one service; 0: no limit.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    database_url: str
    issuer: str
    jwks_url: str
    worker_database_url: str = ""
    relay_database_url: str = ""
    nats_url: str = ""
    feed_url: str = ""
    silence_seconds: float = 30.0
    requests_per_hour: Annotated[
        int,
        Field(ge=0, validation_alias=AliasChoices("requests_per_hour", "BMMS_REQUESTS_PER_HOUR")),
    ] = 1000
    worker_port: int = 0
    log_level: str = "INFO"

    @property
    def audience(self) -> str:
        """The audience that access tokens must name."""
        return f"{self.issuer}/api"

    def session_info(self) -> dict[str, Any]:
        """Return what every session of a service is to carry; services override."""
        return {}
