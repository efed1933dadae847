"""The catalogue of shipped roles: what each allows, as data.

Membership roles, their flags, functional roles and system-wide grants; an organization's own roles
stand in `roles`.
"""
