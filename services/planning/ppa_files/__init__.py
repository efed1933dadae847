"""PPA file: a published YAML file of one organization's PPAs; each row is imported or reported."""
