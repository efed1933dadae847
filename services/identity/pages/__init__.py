"""Pages: what a person sees of identity in a browser, as shapes that render themselves."""
