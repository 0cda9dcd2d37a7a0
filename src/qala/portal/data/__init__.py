"""The portal: sources, ledger, quarantine, datasets."""
