"""Area: the place an assessment covers, as PSGC codes that fit its level. No tables of its own."""
