"""A user: one person with one login, whatever number of organizations they serve.

States: active <-> deactivated; never deleted. Authority comes from memberships, never from here.
"""
