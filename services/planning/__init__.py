"""Planning: what an organization set out to do and how far it is.

Owns strategic plans with their goals, and programs, projects and activities (PPAs). It does not
own money (budgeting) nor needs (mana); it knows both by id only.
"""
