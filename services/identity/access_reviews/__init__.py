"""An access review: everybody's rights of an organization taken out for a look, each quarter.

No states; each is in the trail, and more than a thousand people need a second person.
"""
