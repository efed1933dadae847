"""The two modes, and the sets of settings that contradict each other (exit 78).

`BMMS_MODE` decides. The older switches follow it unless they are set, and a set that contradicts it
is refused instead of guessed.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NoReturn

from deploy.local.trouble import EX_CONFIG, CannotStart

Mode = Literal["bmms", "obcms"]

TRUE, FALSE = ("1", "true"), ("0", "false")
SHORTEST_SECRET = 50


@dataclass(frozen=True)
class ModeSettings:
    """What the gateway and identity are told about the mode; no service behind them reads it."""

    mode: Mode
    default_organization: str
    ocm_organization: str
    multi_tenant: bool
    switching: bool

    def environment(self) -> dict[str, str]:
        """Return the settings under the names of the founding documents."""
        return {
            "BMMS_MODE": self.mode,
            "DEFAULT_ORGANIZATION_CODE": self.default_organization,
            "OCM_ORGANIZATION_CODE": self.ocm_organization,
            "ENABLE_MULTI_TENANT": str(int(self.multi_tenant)),
            "ALLOW_ORGANIZATION_SWITCHING": str(int(self.switching)),
        }


def read_mode(environment: Mapping[str, str], register: Path) -> ModeSettings:
    """Read the mode and refuse contradictions; `register` is the file of the 45 organizations."""
    mode = environment.get("BMMS_MODE", "bmms").lower()
    if mode not in ("bmms", "obcms"):
        _refuse(f"BMMS_MODE={mode} is neither bmms nor obcms")
    many = mode == "bmms"
    multi_tenant = _flag(environment, "ENABLE_MULTI_TENANT", default=many)
    switching = _flag(environment, "ALLOW_ORGANIZATION_SWITCHING", default=many)
    if many and not multi_tenant:
        _contradict("BMMS_MODE=bmms", "ENABLE_MULTI_TENANT=0")
    if not many and multi_tenant:
        _contradict("BMMS_MODE=obcms", "ENABLE_MULTI_TENANT=1")
    if not many and switching:
        _contradict("BMMS_MODE=obcms", "ALLOW_ORGANIZATION_SWITCHING=1")
    if not multi_tenant and switching:
        _contradict("ENABLE_MULTI_TENANT=0", "ALLOW_ORGANIZATION_SWITCHING=1")
    default, ocm = _organizations(environment, register)
    _check_production(environment)
    return ModeSettings("bmms" if many else "obcms", default, ocm, multi_tenant, switching)


def _organizations(environment: Mapping[str, str], register: Path) -> tuple[str, str]:
    """Return the default and the oversight organization, both of them in the register."""
    default = environment.get("DEFAULT_ORGANIZATION_CODE")
    alias = environment.get("DEFAULT_ORG_CODE")
    if default and alias and default != alias:
        _contradict(f"DEFAULT_ORGANIZATION_CODE={default}", f"DEFAULT_ORG_CODE={alias}")
    default = default or alias or "OOBC"
    ocm = environment.get("OCM_ORGANIZATION_CODE", "OCM")
    with register.open(encoding="utf-8", newline="") as lines:
        codes = {row["code"] for row in csv.DictReader(lines)}
    for name, code in (("DEFAULT_ORGANIZATION_CODE", default), ("OCM_ORGANIZATION_CODE", ocm)):
        if code not in codes:
            _refuse(f"{name}={code} is not a code of the register {register.name}")
    if default == ocm:
        _contradict(f"DEFAULT_ORGANIZATION_CODE={default}", f"OCM_ORGANIZATION_CODE={ocm}")
    return default, ocm


def _check_production(environment: Mapping[str, str]) -> None:
    """Refuse what is convenient on a laptop and dangerous in production."""
    if environment.get("BMMS_ENVIRONMENT", "development") != "production":
        return
    if _flag(environment, "DEBUG", default=False):
        _contradict("BMMS_ENVIRONMENT=production", "DEBUG=1")
    if len(environment.get("SECRET_KEY", "")) < SHORTEST_SECRET:
        _contradict("BMMS_ENVIRONMENT=production", f"SECRET_KEY of fewer than {SHORTEST_SECRET}")
    if not environment.get("BMMS_PUBLIC_URL", "").startswith("https://"):
        _contradict("BMMS_ENVIRONMENT=production", "BMMS_PUBLIC_URL without https")


def _flag(environment: Mapping[str, str], name: str, *, default: bool) -> bool:
    """Read a switch in either style of the founding documents: 0 and 1, or False and True."""
    told = environment.get(name, "").lower()
    if told not in ("", *TRUE, *FALSE):
        _refuse(f"{name}={told} is neither 0 nor 1")
    return told in TRUE if told else default


def _contradict(one: str, other: str) -> NoReturn:
    _refuse(f"{one} and {other} contradict each other: change one of them")


def _refuse(message: str) -> NoReturn:
    raise CannotStart(message, exit_code=EX_CONFIG)
