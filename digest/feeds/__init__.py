"""The site's feed, in: fetched, parsed, cleaned and recognised."""
