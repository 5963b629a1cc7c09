"""The configuration: one typed Settings from digest.toml, its secrets file and DIGEST_* variables."""
