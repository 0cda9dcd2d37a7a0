"""The portal: the order, browsed."""
