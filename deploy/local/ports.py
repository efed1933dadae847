"""Every port of one stack, derived from the gateway's: two stacks run side by side."""

from __future__ import annotations

import errno
import random
import socket
from dataclasses import dataclass

from deploy.local.provision import SERVICES
from deploy.local.running import holder_of
from deploy.local.trouble import CannotStart


@dataclass(frozen=True)
class Ports:
    """The ports of a stack whose gateway listens on `gateway`; all but that one on loopback."""

    gateway: int

    @property
    def postgres(self) -> int:
        """The cluster of the six databases."""
        return self.gateway + 20

    @property
    def nats(self) -> int:
        """The event bus."""
        return self.gateway + 21

    @property
    def nats_monitoring(self) -> int:
        """The event bus, telling about itself."""
        return self.gateway + 22

    @property
    def caddy_admin(self) -> int:
        """The gateway's own administration."""
        return self.gateway + 23

    def app(self, service: str) -> int:
        """Return the port of the process of a service that answers HTTP."""
        return self.gateway + 1 + SERVICES.index(service)

    def worker(self, service: str) -> int:
        """Return the port of the process of a service that handles events."""
        return self.gateway + 11 + SERVICES.index(service)

    def all(self) -> dict[str, int]:
        """Return every port by the name of what listens there."""
        return {
            "gateway": self.gateway,
            **{service: self.app(service) for service in SERVICES},
            **{f"{service} worker": self.worker(service) for service in SERVICES},
            "postgres": self.postgres,
            "nats": self.nats,
            "nats monitoring": self.nats_monitoring,
            "gateway admin": self.caddy_admin,
        }


def refuse_busy(ports: Ports) -> None:
    """Refuse to start when somebody else has one of the ports, and say who, if one may know."""
    for name, port in ports.all().items():
        if _is_busy(port):
            holder = holder_of(port)
            raise CannotStart(
                f"port {port} (for {name}) is taken{f' ({holder})' if holder else ''}: stop that, "
                "or choose other ports with BMMS_PORT (say `make up BMMS_PORT=9080`)"
            )


def _is_busy(port: int) -> bool:
    with socket.socket() as probe:
        # Like the servers themselves: a port that only waits for its last packets is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as refused:
            if refused.errno == errno.EACCES:
                raise CannotStart(
                    f"port {port} is reserved for the administrator: choose one above 1023 "
                    "with BMMS_PORT"
                ) from refused
            return True
    return False


# Below the ports that the kernel gives to connections going out (from 32768 on Linux): one of
# those may be taken between the look and the use. Stacks and single servers have a range each.
STACKS, SINGLES = range(20_000, 32_000, 32), range(10_240, 20_000)

# Two processes that look at once must not look in the same order, also where a test run has made
# what is random the same for both.
_CHANCE = random.SystemRandom()

_claims: list[socket.socket] = []


def _claim(ports: Ports) -> bool:
    """Take ports for this process before anything listens there: another that looks passes on.

    The claim is a datagram socket on a number of the stack's that no part of it uses; the kernel
    ends it with the process.
    """
    claim = socket.socket(type=socket.SOCK_DGRAM)
    try:
        claim.bind(("127.0.0.1", ports.gateway + STACKS.step - 1))
    except OSError:
        claim.close()
        return False
    _claims.append(claim)
    return True


def find_free_ports() -> Ports:
    """Return ports of which nobody holds any: for a second stack, or a test."""
    for gateway in _CHANCE.sample(STACKS, len(STACKS)):
        ports = Ports(gateway)
        if not any(map(_is_busy, ports.all().values())) and _claim(ports):
            return ports
    raise CannotStart("there are no 24 free ports on this machine")


def find_free_port() -> int:
    """Return one loopback port that nobody holds, for a server of its own."""
    for port in _CHANCE.sample(SINGLES, len(SINGLES)):
        if not _is_busy(port):
            return port
    raise CannotStart("there is no free port on this machine")
