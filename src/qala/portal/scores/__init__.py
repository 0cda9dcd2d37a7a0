"""The portal: rating, region, city and comparison."""
