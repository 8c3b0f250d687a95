"""One dependency graph for a repository: typed nodes, typed edges, and how documents become them."""
