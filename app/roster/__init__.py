"""The people of a community as its staff see them: search, files, import and export."""
