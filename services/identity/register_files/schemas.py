"""A row of a register file, and what loading it does."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from services.identity.organizations.model import CODE, KEY, OrganizationType


def _code(value: str) -> str:
    if not CODE.fullmatch(value):
        raise ValueError("a code is upper case, 2 to 20 letters, digits and hyphens")
    return value


def _key(value: str) -> str:
    if not KEY.fullmatch(value):
        raise ValueError("a key is lower case, 2 to 40 letters, digits and hyphens")
    return value


def _codes(value: object) -> object:
    return value.replace(";", " ").split() if isinstance(value, str) else value


Code = Annotated[str, AfterValidator(_code)]
Key = Annotated[str, AfterValidator(_key)]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class RegisterEntry(BaseModel):
    """One row of a register file; what is None is not said and stays as it is."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    key: Key
    code: Code
    name: Name
    org_type: OrganizationType
    is_moa: bool
    is_pilot: bool
    legacy_id: int | None = None
    verified: Literal["yes", "no", "doubt"]
    source_note: str
    official_name: Annotated[str, Field(max_length=200)] | None = None
    acronym: Annotated[str, Field(max_length=20)] | None = None
    parent_key: Key | None = None
    aliases: Annotated[tuple[Code, ...], BeforeValidator(_codes)] = ()
    valid_from: date | None = None
    valid_to: date | None = None

    @model_validator(mode="before")
    @classmethod
    def _empty_is_not_said(cls, values: Any) -> Any:
        optional = {"legacy_id", "official_name", "acronym", "parent_key", "aliases"}
        optional |= {"valid_from", "valid_to"}
        return {
            name: value for name, value in values.items() if value != "" or name not in optional
        }


class RegisterDifference(BaseModel):
    """What loading the file does, or would do, to one organization."""

    key: str
    code: str
    action: Literal["register", "change", "same", "not_in_file"]
    changes: dict[str, tuple[object, object]]
