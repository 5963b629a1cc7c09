"""People and consent. Below everything else: knows nothing of issues, mail or the web."""
