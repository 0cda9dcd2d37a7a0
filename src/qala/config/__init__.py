"""Settings, addresses and processes of the site: it alone knows every part."""
