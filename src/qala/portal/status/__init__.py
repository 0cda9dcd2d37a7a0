"""The portal: availability, measured from outside."""
