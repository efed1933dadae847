"""A device: a browser in which a person has signed in before, known again by a lasting cookie.

It keeps a count of failures of its own, so that a stranger's guesses never lock its owner out, and
a browser that is not known yet is announced to the person by mail.
"""
