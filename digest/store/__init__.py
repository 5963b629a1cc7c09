"""SQL, one file per noun. Functions take a Connection and never begin or commit."""
