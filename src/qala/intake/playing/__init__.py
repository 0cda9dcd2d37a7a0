"""A simulated city, live: it goes on as it lived, over the real doors, so that everybody sees the site move."""
