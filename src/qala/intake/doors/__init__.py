"""The ways in. A door decodes what comes and hands rows to a `Receiver`; it acknowledges only what is on the disk."""
