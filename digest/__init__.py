"""Everypost: a site's new posts, as the mail its readers asked for."""
