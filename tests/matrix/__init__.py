"""Who may do what to which: every route, every role, every relation."""
