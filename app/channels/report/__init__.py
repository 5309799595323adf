"""Reports: what a fire, a week or a month was, in words, as Markdown, a page or a PDF."""
