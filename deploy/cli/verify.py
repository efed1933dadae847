"""placeholder."""


def verify() -> None:
    """Check."""
