"""The pages readers see: subscribe, confirm, choose, leave, read issues. Works without JavaScript."""
