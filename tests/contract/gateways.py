"""A real gateway in front of echoing services: what arrives behind it, a test can read."""

import json
import re
import subprocess
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx

from deploy.gateway.openapi import write_merged_document
from deploy.local.ports import Ports, find_free_ports
from deploy.local.programs import gateway
from deploy.local.provision import SERVICES
from deploy.local.settings import ROOT, read_settings

PATIENCE_SECONDS = 90
TENANT_SERVICES = ("planning", "budgeting", "mana", "coordination")
TRACEPARENT = re.compile(r"00-[0-9a-f]{32}-[0-9a-f]{16}-01")


class Echo(BaseHTTPRequestHandler):
    """Answers what it was asked, like a service that is called `service`."""

    protocol_version = "HTTP/1.1"
    service = ""

    def do_GET(self) -> None:
        is_hasty = "hasty" in self.path
        received = 0 if is_hasty else self._receive()
        body = json.dumps(
            {
                "service": self.service,
                "method": self.command,
                "path": self.path,
                "headers": {name.lower(): value for name, value in self.headers.items()},
                "received": received,
            }
        ).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Location", self.path)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        if is_hasty:
            self._receive()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_GET  # noqa: N815

    def _receive(self) -> int:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return len(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        received = 0
        # An empty line instead of a size: the gateway cut the request off.
        while size := int(self.rfile.readline() or b"0", 16):
            received += len(self.rfile.read(size))
            self.rfile.readline()
        return received

    def log_message(self, *_: object) -> None:
        return


@contextmanager
def echoing(ports: Ports, down: Collection[str]) -> Iterator[None]:
    servers = []
    for service in SERVICES:
        if service in down:
            continue
        handler = type(f"Echo_{service}", (Echo,), {"service": service})
        server = ThreadingHTTPServer(("127.0.0.1", ports.app(service)), handler)
        server.daemon_threads = True
        # A body that the gateway cut off is no news.
        server.handle_error = lambda *_: None
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        servers.append(server)
    yield
    for server in servers:
        server.shutdown()
        server.server_close()


@contextmanager
def running_gateway(mode: str, home: Path, *, down: Collection[str] = ()) -> Iterator[httpx.Client]:
    ports = find_free_ports()
    environment = {"BMMS_MODE": mode, "BMMS_HOME": str(home), "BMMS_PORT": str(ports.gateway)}
    settings = read_settings(environment)
    (home / "gateway").mkdir()
    write_merged_document(ROOT / "contracts" / "openapi", home / "gateway")
    program = gateway(settings)
    with (home / "gateway.log").open("wb") as log, echoing(ports, down):
        caddy = subprocess.Popen(
            program.command, env=dict(program.environment), stdout=log, stderr=log
        )
        # One connection per request: the gateway closes the one on which it refused a body.
        limits = httpx.Limits(max_keepalive_connections=0)
        with httpx.Client(
            base_url=settings.gateway_url, timeout=PATIENCE_SECONDS, limits=limits
        ) as client:
            wait_for(client, caddy, home / "gateway.log")
            yield client
        caddy.terminate()
        caddy.wait(PATIENCE_SECONDS)


def wait_for(client: httpx.Client, caddy: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and caddy.poll() is None:
        try:
            client.get("/api/openapi.json")
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(log.read_text())
