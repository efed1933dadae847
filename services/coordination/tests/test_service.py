"""Coordination keeps what every service keeps."""

from libs.chassis.testing import ServiceContract


class TestCoordination(ServiceContract):
    service = "coordination"
