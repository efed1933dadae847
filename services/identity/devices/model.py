"""Browsers that a person has used before."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, String, Uuid
from sqlalchemy.orm import Mapped, mapped_column
from uuid_utils.compat import uuid7

from services.identity.db import Base


class Device(Base):
    """One browser that one person has used; the cookie that says so is stored as a digest."""

    __tablename__ = "devices"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True, default=uuid7)
    user_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("identity.users.id"))
    secret_digest: Mapped[str] = mapped_column(String(64))
    label: Mapped[str] = mapped_column(String(60))
    network: Mapped[str] = mapped_column(String(50))
    first_seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    last_seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    __table_args__ = (
        Index("uq_devices_user_id_secret_digest", "user_id", "secret_digest", unique=True),
    )

    @property
    def bucket(self) -> str:
        """The name under which this browser's failures are counted."""
        return f"device {self.id}"


BROWSERS = {
    "edg/": "Edge",
    "opr/": "Opera",
    "samsungbrowser/": "Samsung Internet",
    "firefox/": "Firefox",
    "chrome/": "Chrome",
    "safari/": "Safari",
}
SYSTEMS = {
    "android": "Android",
    "iphone": "iPhone",
    "ipad": "iPad",
    "windows": "Windows",
    "mac os": "macOS",
    "cros": "ChromeOS",
    "linux": "Linux",
}


def label_of(user_agent: str) -> str:
    """Return what a person recognises of a browser's own description: `Firefox, Windows`."""
    told = user_agent.lower()
    names = (
        next((name for mark, name in marks.items() if mark in told), "")
        for marks in (BROWSERS, SYSTEMS)
    )
    return ", ".join(name for name in names if name)
