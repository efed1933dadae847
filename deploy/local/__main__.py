"""`python -m deploy.local`: the supervisor itself, without the libraries of the `bmms` command."""

from __future__ import annotations

from deploy.local.control import run_here
from deploy.local.settings import read_settings
from deploy.local.trouble import told_in_one_line

if __name__ == "__main__":
    with told_in_one_line():
        run_here(read_settings())
