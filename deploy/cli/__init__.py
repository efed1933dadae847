"""The `bmms` command: what operators and scripts do with a running stack."""
