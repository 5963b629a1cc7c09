"""Every outgoing HTTP request: which addresses we talk to, and the one client that talks."""
