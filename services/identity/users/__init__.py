"""A user: one person with one login, whatever number of organizations they serve.

States: invited -> active; registered -> endorsed -> active; registered|endorsed -> rejected;
active <-> locked; active|locked -> deactivated -> active. Never deleted. Authority comes from
memberships, roles and grants, never from here.
"""
