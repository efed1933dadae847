"""The levels of an area and the rule that ties codes to them (mana sheet, sections 1 and 3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from sqlalchemy import CheckConstraint

from libs.refusals import Invalid
from libs.tenancy.rows import check


class AreaLevel(StrEnum):
    """How wide an area is, widest first."""

    regional = "regional"
    provincial = "provincial"
    city_municipal = "city_municipal"
    barangay = "barangay"
    community = "community"


PSGC_FORMS = {
    "region_psgc": r"^[0-9]{2}0{8}$",
    "province_psgc": r"^[0-9]{5}0{5}$",
    "municipality_psgc": r"^[0-9]{7}000$",
    "barangay_psgc": r"^[0-9]{10}$",
}
"""The ten digits of the Philippine Standard Geographic Code: RR PPP MM BBB, zeros below the unit.

Codes are not derived from each other: a highly urbanized city has no province, and Isabela City
lies in another region than its province. Only a barangay always begins as its municipality does.
"""

REQUIRED: Mapping[AreaLevel, frozenset[str]] = {
    AreaLevel.regional: frozenset({"region_psgc"}),
    AreaLevel.provincial: frozenset({"region_psgc", "province_psgc"}),
    AreaLevel.city_municipal: frozenset({"region_psgc", "municipality_psgc"}),
    AreaLevel.barangay: frozenset({"region_psgc", "municipality_psgc", "barangay_psgc"}),
    AreaLevel.community: frozenset({"region_psgc", "municipality_psgc"}),
}

REFUSED: Mapping[AreaLevel, frozenset[str]] = {
    AreaLevel.regional: frozenset({"province_psgc", "municipality_psgc", "barangay_psgc"}),
    AreaLevel.provincial: frozenset({"municipality_psgc", "barangay_psgc"}),
    AreaLevel.city_municipal: frozenset({"barangay_psgc"}),
    AreaLevel.barangay: frozenset(),
    AreaLevel.community: frozenset(),
}


class AreaIncomplete(Invalid):
    """The level names a unit whose code is missing."""

    title = "The level needs this code."


class AreaTooNarrow(Invalid):
    """A code below the level would say that the area is smaller than it is."""

    title = "The level is wider than this code."


class AreaIncoherent(Invalid):
    """A barangay's code begins with its municipality's."""

    title = "The barangay does not lie in this municipality."


def check_area(level: str, codes: Mapping[str, str | None]) -> None:
    """Refuse codes that do not fit the level or each other."""
    wide = AreaLevel(level)
    for name in PSGC_FORMS:
        if name in REQUIRED[wide] and not codes[name]:
            raise AreaIncomplete(f"Give the code for level {level}.", pointer=f"/body/{name}")
        if name in REFUSED[wide] and codes[name]:
            raise AreaTooNarrow(
                f"Leave it out, or choose a narrower level than {level}.", pointer=f"/body/{name}"
            )
    barangay, municipality = codes["barangay_psgc"], codes["municipality_psgc"]
    if barangay and municipality and barangay[:7] != municipality[:7]:
        raise AreaIncoherent(
            f"Its code must begin with {municipality[:7]}.", pointer="/body/barangay_psgc"
        )


def area_constraints() -> Iterable[CheckConstraint]:
    """Return the same rule as constraints of a table with `level` and the four codes."""
    yield check("level", f"level IN {tuple(AreaLevel.__members__)}")
    for name, form in PSGC_FORMS.items():
        yield check(name, f"{name} ~ '{form}'")
    for level in AreaLevel:
        terms = [f"{name} IS NOT NULL" for name in PSGC_FORMS if name in REQUIRED[level]]
        terms += [f"{name} IS NULL" for name in PSGC_FORMS if name in REFUSED[level]]
        yield check(f"{level}_area", f"level <> '{level}' OR ({' AND '.join(terms)})")
    yield check("barangay_lies_within", "left(barangay_psgc, 7) = left(municipality_psgc, 7)")
