"""Makes this checkout importable in its virtual environment, and puts the `bmms` command there.

A path file and a three-line script: no build, no build tools, nothing from the network.
"""

from __future__ import annotations

import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# `-P`: a folder called `deploy` where the command is given must not be taken for ours.
SCRIPT = """\
#!/bin/sh
exec "{python}" -P -m deploy.cli.main "$@"
"""


def link() -> Path:
    """Write both files and return the command."""
    (Path(sysconfig.get_path("purelib")) / "bmms.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    command = Path(sys.prefix) / "bin" / "bmms"
    command.write_text(SCRIPT.format(python=Path(sys.prefix) / "bin" / "python"), encoding="utf-8")
    command.chmod(0o755)
    return command


if __name__ == "__main__":
    link()
