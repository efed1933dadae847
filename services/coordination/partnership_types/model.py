"""The types of partnerships and their rule about numbers (sheet, sections 5.1 and 5.2)."""

from __future__ import annotations

from enum import StrEnum


class PartnershipType(StrEnum):
    """What a partnership is for, or how many take part in it."""

    bilateral = "bilateral"
    multilateral = "multilateral"
    joint_program = "joint_program"
    resource_sharing = "resource_sharing"
    capacity_building = "capacity_building"
    policy_coordination = "policy_coordination"
    service_delivery = "service_delivery"
    other = "other"


def least_participants(partnership_type: str) -> int:
    """Return how many organizations besides the lead it takes."""
    return 2 if partnership_type == PartnershipType.multilateral else 1


def has_room(partnership_type: str, standing: int) -> bool:
    """Tell whether one more may be invited while `standing` are invited or in."""
    return partnership_type != PartnershipType.bilateral or standing == 0


def shortage(partnership_type: str, accepted: int) -> str:
    """Return in words what is missing in numbers, or nothing."""
    least = least_participants(partnership_type)
    if accepted >= least:
        return ""
    return f"A {partnership_type} partnership takes {least}; {accepted} accepted."
