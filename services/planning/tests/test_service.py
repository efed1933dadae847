"""Planning keeps what every service keeps."""

from libs.chassis.testing import ServiceContract


class TestPlanning(ServiceContract):
    service = "planning"
