"""Words: blocks of a body, sentences, tokens, reading time. Pure."""
