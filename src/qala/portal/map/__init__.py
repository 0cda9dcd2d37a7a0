"""The portal: the map: layers, objects, search."""
