"""The pilot's onboarding as an operator does it from a shell, under the founding documents' names.

Nothing here takes, makes or shows a password: people choose their own by a link or a printed code.
"""
