"""Strategic goal: a part of a plan with a metric, a target and readings. Its verbs are the plan's.

not_started → in_progress with the first reading; completed, deferred and cancelled by hand.
"""
