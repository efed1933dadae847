"""A token request: what a client asks at the endpoints of RFC 6749, 7009, 7662, 8628 and 9126."""
