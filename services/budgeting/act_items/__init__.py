"""Act item: what an act gives one organization for one program, class and source; the issuer's."""
