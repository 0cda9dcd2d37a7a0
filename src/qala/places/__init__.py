"""Geography out of the lake, without Django: layers, tiles, cells, and how far people walk."""
