"""Shapes of the register: a row of the shipped file, and what everyone may read."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from libs.chassis.paging import ListParams, Page
from libs.chassis.shapes import ReadShape, Remarks, Shape
from services.identity.organizations.model import CODE, KEY, Module, OrganizationType


def _code(value: str) -> str:
    if not CODE.fullmatch(value):
        raise ValueError("a code is upper case, 2 to 20 letters, digits and hyphens")
    return value


def _key(value: str) -> str:
    if not KEY.fullmatch(value):
        raise ValueError("a key is lower case, 2 to 40 letters, digits and hyphens")
    return value


class RegisterEntry(BaseModel):
    """One row of `data/organizations.csv`; an unknown column is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    key: Annotated[str, AfterValidator(_key)]
    code: Annotated[str, AfterValidator(_code)]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    org_type: OrganizationType
    is_moa: bool
    is_pilot: bool
    legacy_id: int | None
    verified: Literal["yes", "no", "doubt"]
    source_note: str

    @field_validator("legacy_id", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return None if value == "" else value


class RegisterDifference(BaseModel):
    """What loading the file does, or would do, to one organization."""

    key: str
    code: str
    action: Literal["register", "change", "same", "not_in_file"]
    changes: dict[str, tuple[object, object]]


class ModuleSwitch(Shape):
    """Why a module is switched; kept in the organization's history."""

    reason: Remarks


class OrganizationRead(ReadShape):
    """An organization as anyone with a token may see it."""

    id: UUID
    key: str
    code: str
    name: str
    org_type: OrganizationType
    is_moa: bool
    is_pilot: bool
    is_active: bool
    modules: list[Module]
    legacy_id: int | None
    verified: str
    version: Annotated[int, Field(description="The record's ETag is this number in quotes.")]


class OrganizationPage(Page[OrganizationRead]):
    """One page of the register."""


class OrganizationListParams(ListParams):
    """Which organizations, and in which order."""

    org_type: OrganizationType | None = None
    is_moa: bool | None = None
    is_pilot: bool | None = None
    sort: Literal["code", "-code", "name", "-name"] = "code"
