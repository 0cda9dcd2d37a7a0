"""The portal: systems that deliver, what was refused of theirs, what is due, passports and agreements."""
