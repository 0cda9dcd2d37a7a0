"""Users, organisations, regions and rights; `access` is the only way to an object."""
