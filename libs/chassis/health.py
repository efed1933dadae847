"""Health and metrics of an application: whether it lives, whether it can serve, what it counted."""

from __future__ import annotations

import math

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import text

from libs.chassis.database import Database
from libs.chassis.problems import OutOfReach
from libs.tenancy.denials import DenySet


def install_health(app: FastAPI, service: str) -> None:
    """Answer under `/api/v1/<service>/health` and, on the service's own port, `/metrics`."""

    @app.get(f"/api/v1/{service}/health/live", include_in_schema=False)
    async def live() -> dict[str, str]:
        return {"status": "live", "service": service}

    @app.get(f"/api/v1/{service}/health/ready", include_in_schema=False)
    async def ready(request: Request) -> Response:
        database: Database = request.app.state.database
        async with database.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
        denied: DenySet = request.app.state.verifier.denied
        if math.isinf(denied.age):
            raise OutOfReach("It has not heard yet whose rights have been taken away.")
        heard = {"age_seconds": round(denied.age, 1), "is_silent": denied.is_silent}
        return JSONResponse({"status": "ready", "service": service, "revocations": heard})

    @app.get("/metrics", include_in_schema=False)
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
