"""A language: what pages say, as data by key; English and Filipino say the same things."""
