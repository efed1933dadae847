"""A registration: someone applies for an account with an organization, and two others agree.

States: unverified -> registered -> endorsed -> approved; registered -> approved by override, with
a reason; registered | endorsed -> rejected; whatever waits -> expired after 30 days.
"""
