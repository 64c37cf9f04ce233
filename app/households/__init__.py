"""Who lives with whom, who acts for whom, and who answers for the young."""
