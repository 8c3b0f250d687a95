"""What policies may ask of a node or edge: one typed, documented function per attribute, in files by what is asked. `attribute` makes
functions attributes, `table` has all of them; `written`, `locked` and `rooms` are what they ask themselves. With `at` an attribute says
where its value stands, so that a finding is on the text that is wrong."""
