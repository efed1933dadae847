"""Known PPA: what ocm remembers of planning's programs, projects and activities."""
