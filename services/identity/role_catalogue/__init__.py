"""The catalogue of shipped roles: what a membership role, a flag, a functional role or a
system-wide grant allows, as data. An organization's own roles stand in `roles`.
"""
