"""What every service process is built on: HTTP, database, paging, telemetry, tests."""
