"""Mana keeps what every service keeps."""

from libs.chassis.testing import ServiceContract


class TestMana(ServiceContract):
    service = "mana"
