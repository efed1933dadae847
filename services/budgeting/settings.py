"""What the budgeting processes are told by their environment, as BUDGETING_*."""

from __future__ import annotations

from typing import Any

from pydantic_settings import SettingsConfigDict

from libs.chassis.settings import ServiceSettings
from services.budgeting.stand_ins.model import StandIn


class Settings(ServiceSettings):
    """Settings of budgeting's app and worker."""

    model_config = SettingsConfigDict(env_prefix="BUDGETING_", frozen=True, extra="ignore")

    def session_info(self) -> dict[str, Any]:
        """Return what keeps, for every decision, in whose place it was made."""
        return {"keep_acts_for": StandIn}
