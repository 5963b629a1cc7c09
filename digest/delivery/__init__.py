"""Who gets it and what happened. Pure: every rule about deliveries is a table or a function here."""
