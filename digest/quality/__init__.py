"""The gate: what is wrong with a finished mail, found before anybody is mailed it. No input or output."""
