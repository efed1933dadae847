"""What identity's processes are told: IDENTITY_*, and the mode of the installation.

The mode lives here and in the gateway, nowhere else. Settings that contradict each other stop the
start with exit code 78 and one line (operations sheet, section 1).
"""

from __future__ import annotations

import sys
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from libs.chassis.sealing import Sealer, UnusableKey
from libs.chassis.settings import ServiceSettings

CONTRADICTION = 78
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class UnusableSettings(Exception):
    """The process cannot start with what it was told; the message is one line."""


class ContradictorySettings(UnusableSettings):
    """Two settings cannot both be meant; the message names them."""


class Settings(ServiceSettings):
    """Settings of identity's app, worker and seed."""

    model_config = SettingsConfigDict(
        env_prefix="IDENTITY_",
        env_ignore_empty=True,
        frozen=True,
        extra="ignore",
        populate_by_name=True,
    )

    mode: Annotated[Literal["bmms", "obcms"], Field(validation_alias="BMMS_MODE")] = "obcms"
    default_organization_code: Annotated[
        str | None, Field(validation_alias="DEFAULT_ORGANIZATION_CODE")
    ] = None
    default_org_code: Annotated[str | None, Field(validation_alias="DEFAULT_ORG_CODE")] = None
    enable_multi_tenant: Annotated[bool | None, Field(validation_alias="ENABLE_MULTI_TENANT")] = (
        None
    )
    allow_organization_switching: Annotated[
        bool | None, Field(validation_alias="ALLOW_ORGANIZATION_SWITCHING")
    ] = None
    ocm_organization_code: Annotated[str, Field(validation_alias="OCM_ORGANIZATION_CODE")] = "OCM"
    sealing_key: Annotated[str, Field(repr=False)] = ""
    home: Annotated[str | None, Field(validation_alias="BMMS_HOME")] = None
    smtp_url: SecretStr | None = None
    mail_from: str = "BMMS <no-reply@bmms.example>"
    support_address: str = ""

    @property
    def default_code(self) -> str:
        """The organization of an installation for one: OOBC unless told otherwise."""
        return self.default_organization_code or self.default_org_code or "OOBC"

    @property
    def only_organization(self) -> str | None:
        """The one organization whose members may sign in; None when all may."""
        return self.default_code if self.mode == "obcms" else None

    @property
    def allows_choice(self) -> bool:
        """Whether a person of several organizations may ask for another than the primary."""
        return self.mode == "bmms" and self.allow_organization_switching is not False

    @property
    def mail_domain(self) -> str:
        """The part behind the @ of the sender's address."""
        return self.mail_from.rsplit("@", 1)[-1].rstrip(">")

    @model_validator(mode="after")
    def _agree(self) -> Self:
        for contradicts, sentence in (
            (
                self.mode == "bmms" and self.enable_multi_tenant is False,
                "BMMS_MODE=bmms and ENABLE_MULTI_TENANT=0",
            ),
            (
                self.mode == "obcms" and self.enable_multi_tenant is True,
                "BMMS_MODE=obcms and ENABLE_MULTI_TENANT=1",
            ),
            (
                self.mode == "obcms" and self.allow_organization_switching is True,
                "BMMS_MODE=obcms and ALLOW_ORGANIZATION_SWITCHING=1",
            ),
            (
                None not in (codes := (self.default_organization_code, self.default_org_code))
                and codes[0] != codes[1],
                "DEFAULT_ORGANIZATION_CODE and DEFAULT_ORG_CODE",
            ),
            (
                self.mode == "obcms" and self.default_code == self.ocm_organization_code,
                "DEFAULT_ORGANIZATION_CODE and OCM_ORGANIZATION_CODE",
            ),
        ):
            if contradicts:
                raise ContradictorySettings(f"{sentence} contradict each other; change one.")
        return self

    def session_info(self) -> dict[str, Any]:
        """Return what seals secrets at rest: use cases take it from `uow.session.info`."""
        return {"sealer": Sealer(self.sealing_key)}

    def checked(self) -> Self:
        """Refuse a key that seals nothing, and an address where passwords travel in the clear."""
        try:
            Sealer(self.sealing_key)
        except UnusableKey as unusable:
            fault = "is missing" if not self.sealing_key else f"cannot be used ({unusable})"
            raise UnusableSettings(
                f"IDENTITY_SEALING_KEY {fault}: give 32 random bytes in base64, and keep them."
            ) from None
        address = urlsplit(self.issuer)
        if address.scheme != "https" and address.hostname not in LOOPBACK:
            raise ContradictorySettings(
                f"IDENTITY_ISSUER={self.issuer} and another machine's address; use https."
            )
        return self


def load_settings() -> Settings:
    """Read the environment, or end the process with 78 when nothing can be started with it."""
    try:
        return Settings().checked()
    except UnusableSettings as unusable:
        print(f"identity: {unusable}", file=sys.stderr)  # noqa: T201 (the process ends here)
        raise SystemExit(CONTRADICTION) from None
