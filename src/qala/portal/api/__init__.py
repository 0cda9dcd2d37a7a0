"""The portal: the API."""
