"""What all screens share: layout, formats, tables, charts, maps, downloads."""
