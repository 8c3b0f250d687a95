"""Bills of materials: one writer per format; a graph becomes text. Pure, as the writers of `scanner.report` are."""
