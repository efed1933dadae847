"""The one way in which the stack says no: a line that names the obstacle and the way out."""

EX_CONFIG = 78
"""`sysexits.h`: the settings are wrong; starting again without changing them is useless."""


class CannotStart(Exception):
    """The stack cannot run; the message is one line that says why and what to do."""

    def __init__(self, message: str, *, exit_code: int = 1) -> None:
        """Keep the line for the person and the code for the shell."""
        super().__init__(message)
        self.exit_code = exit_code
