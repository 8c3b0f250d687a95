"""What policies may ask of a node or edge: one typed, documented function per attribute, in files by what is asked. `attribute` makes
functions attributes, `table` has all of them; `written` and `rooms` are what they ask themselves."""
