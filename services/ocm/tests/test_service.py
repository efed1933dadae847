"""OCM keeps what every service keeps."""

from typing import ClassVar

from libs.chassis.testing import ServiceContract


class TestOcm(ServiceContract):
    service: ClassVar[str] = "ocm"
    writes: ClassVar[bool] = False
