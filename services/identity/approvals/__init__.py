"""An approval: a dangerous act that one person asks for and another one lets happen, once.

States: requested -> approved -> executed; requested -> rejected | cancelled; either -> expired
after 72 hours. The database refuses one person for both.
"""
