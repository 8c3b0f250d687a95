"""What several rules share: questions to the graph that need more than one edge."""
