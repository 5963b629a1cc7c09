"""One module per revision, oldest number first."""
