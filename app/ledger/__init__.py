"""The engine's home in the app: facts in, balances and the passbook out, settlement behind."""
