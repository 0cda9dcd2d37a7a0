"""Publication of runs: which rating holds, who published it, and what a restatement changed."""
