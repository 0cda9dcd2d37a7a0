"""The portal: how many people reach what on foot."""
