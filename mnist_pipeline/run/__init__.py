"""Run folders: their files, their records, which there are."""
