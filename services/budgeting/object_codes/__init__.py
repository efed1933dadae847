"""Object code: what money is spent on, in the government's account codes, each for some years.

The catalogue is data of the product (`data/object_codes.csv`), the same for every organization.
"""
