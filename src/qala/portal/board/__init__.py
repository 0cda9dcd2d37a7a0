"""The portal: situational boards."""
