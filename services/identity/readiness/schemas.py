"""The checklist of one organization (identity sheet, section 11)."""

from __future__ import annotations

from uuid import UUID

from pydantic import computed_field

from libs.chassis.shapes import ReadShape

WEIGHT = 20


class Readiness(ReadShape):
    """Five things of 20 percent each; three of them are read from the data itself."""

    organization_id: UUID
    code: str
    name: str
    org_type: str
    status: str
    focal_named: bool
    admin_there: bool
    staff_imported: bool
    training_done: bool
    data_loaded: bool

    @computed_field  # type: ignore[prop-decorator]
    @property
    def percent(self) -> int:
        """How ready it is, from 0 to 100."""
        done = (
            *(self.focal_named, self.admin_there, self.staff_imported),
            *(self.training_done, self.data_loaded),
        )
        return WEIGHT * sum(done)
