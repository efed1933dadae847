"""Asks the process of this container whether it is ready: HEALTH_URL answers 200, or exit 1.

Standard library only and no proxies: it runs every few seconds in every container.
"""

import os
import sys
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

PATIENCE_SECONDS = 4


def is_ready(url: str) -> bool:
    """Ask once."""
    address = urlsplit(url)
    connection = HTTPConnection(address.netloc, timeout=PATIENCE_SECONDS)
    try:
        connection.request("GET", address.path)
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(not is_ready(os.environ["HEALTH_URL"]))
